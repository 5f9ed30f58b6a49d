//! Registries that verifiers look things up in.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use stoa_domain::verifiers::academic::AcademicDomain;

use crate::entity::academic_domains::{ActiveModel, Column};
use crate::{Record, StoreError, View, Writing, visibility};

impl View {
    /// Registry entries for any of these domains: what a look-up of one domain and its parents finds.
    pub async fn academic_domains(
        &self,
        domains: &[String],
    ) -> Result<Vec<AcademicDomain>, StoreError> {
        Ok(visibility::academic_domains()
            .filter(Column::Domain.is_in(domains.iter().map(String::as_str)))
            .all(self.db())
            .await?
            .into_iter()
            .map(|row| AcademicDomain {
                domain: row.domain,
                institution: row.institution,
                excluded: row.excluded,
            })
            .collect())
    }

    /// How many entries the registry of academic domains has.
    pub async fn academic_domain_count(&self) -> Result<u64, StoreError> {
        Ok(visibility::academic_domains().count(self.db()).await?)
    }
}

impl Record for AcademicDomain {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = ActiveModel {
            domain: Set(self.domain),
            institution: Set(self.institution),
            excluded: Set(self.excluded),
        };
        let renewed = [Column::Institution, Column::Excluded];
        writing.upsert(row, [Column::Domain], renewed);
        Ok(())
    }
}
