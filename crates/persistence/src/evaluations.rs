//! Evaluations: rows and reads.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use stoa_domain::application::Application;
use stoa_domain::criteria::{Evaluation, Finding};
use stoa_domain::id::Id;

use crate::entity::evaluations::{ActiveModel, Column, Model};
use crate::page::{Key, Keyset, Page, Slice};
use crate::row::{json, name, named, read};
use crate::{Record, StoreError, View, Writing, visibility};

const TABLE: &str = "evaluations";

#[derive(Serialize, Deserialize)]
struct Body {
    findings: Vec<Finding>,
    reasons: Vec<String>,
    limits: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unanswered: Vec<String>,
}

impl View {
    /// Those of these evaluations that are visible, in no order.
    pub async fn evaluations_by_id(
        &self,
        ids: &[Id<Evaluation>],
    ) -> Result<Vec<Evaluation>, StoreError> {
        visibility::evaluations(&self.actor)
            .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect()
    }

    /// The evaluations of an application, newest first.
    pub async fn evaluations(
        &self,
        application: Id<Application>,
        page: &Page,
    ) -> Result<Slice<Evaluation>, StoreError> {
        let order = Keyset {
            name: "evaluations",
            time: None,
            key: vec![Column::Id],
            descending: true,
        };
        let select = visibility::evaluations(&self.actor)
            .filter(Column::ApplicationId.eq(application.uuid()));
        let items = order
            .select(select, page)?
            .all(self.db())
            .await?
            .into_iter()
            .map(|row| Ok((order.cursor(None, Key::Id(row.id)), from_row(row)?)))
            .collect::<Result<_, StoreError>>()?;
        Ok(page.slice(items))
    }
}

fn from_row(row: Model) -> Result<Evaluation, StoreError> {
    let body: Body = read(TABLE, row.id, &row.body)?;
    Ok(Evaluation {
        id: Id::new(row.id),
        application: Id::new(row.application_id),
        revision: Id::new(row.revision_id),
        at: row.at,
        findings: body.findings,
        recommendation: named(TABLE, row.id, &row.recommendation)?,
        reasons: body.reasons,
        limits: body.limits,
        unanswered: body.unanswered,
    })
}

impl Record for Evaluation {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let body = Body {
            findings: self.findings,
            reasons: self.reasons,
            limits: self.limits,
            unanswered: self.unanswered,
        };
        let row = ActiveModel {
            id: Set(self.id.uuid()),
            application_id: Set(self.application.uuid()),
            revision_id: Set(self.revision.uuid()),
            at: Set(self.at),
            recommendation: Set(name(&self.recommendation)),
            body: Set(json(TABLE, &body)?),
        };
        writing.insert(row);
        Ok(())
    }
}
