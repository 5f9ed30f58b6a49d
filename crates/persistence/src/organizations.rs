//! Organisations: rows, reads, and finding those that applied before.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::text;

use crate::entity::organizations::{ActiveModel, Column, Model};
use crate::entity::{applications, memberships};
use crate::page::{Key, Keyset, Page, Slice};
use crate::{Record, StoreError, View, Writing, visibility};

/// What two records of one organisation share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationMatch {
    /// The name as it is compared.
    pub name: Option<String>,
    /// Registrable domains of its website and of its mail.
    pub domains: Vec<String>,
    /// Its repository, normalised.
    pub repository: Option<String>,
}

impl View {
    /// Those of these organisations that are visible, in no order.
    pub async fn organizations_by_id(
        &self,
        ids: &[Id<Organization>],
    ) -> Result<Vec<Organization>, StoreError> {
        Ok(visibility::organizations(&self.actor)
            .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?
            .into_iter()
            .map(from_row)
            .collect())
    }

    /// The organisation with this id.
    pub async fn organization(
        &self,
        id: Id<Organization>,
    ) -> Result<Option<Organization>, StoreError> {
        Ok(self.organizations_by_id(&[id]).await?.pop())
    }

    /// The organisation of this name that this account speaks for.
    pub async fn organization_of(
        &self,
        owner: Id<Account>,
        name: &str,
    ) -> Result<Option<Organization>, StoreError> {
        Ok(visibility::organizations(&self.actor)
            .filter(Column::OwnerId.eq(owner.uuid()))
            .filter(Column::ComparableName.eq(text::comparable(name)))
            .one(self.db())
            .await?
            .map(from_row))
    }

    /// Organisations, oldest first, whose name contains the text.
    pub async fn organizations(
        &self,
        search: Option<&str>,
        page: &Page,
    ) -> Result<Slice<Organization>, StoreError> {
        let order = Keyset {
            name: "organizations",
            time: None,
            key: vec![Column::Id],
            descending: false,
        };
        let mut select = visibility::organizations(&self.actor);
        if let Some(search) = search {
            select = select.filter(Column::ComparableName.contains(text::comparable(search)));
        }
        let items = order
            .select(select, page)?
            .all(self.db())
            .await?
            .into_iter()
            .map(|row| (order.cursor(None, Key::Id(row.id)), from_row(row)))
            .collect();
        Ok(page.slice(items))
    }

    /// How many applications to the same program were handed in before this one by organisations that
    /// share its name, a domain, or its repository.
    pub async fn applications_of_same(
        &self,
        this: &Application,
        same: &OrganizationMatch,
    ) -> Result<(u32, u32, u32), StoreError> {
        let by_name = match &same.name {
            Some(name) => {
                let same = Column::ComparableName.eq(name.as_str());
                self.earlier(this, Condition::all().add(same)).await?
            }
            None => 0,
        };
        let by_domain = if same.domains.is_empty() {
            0
        } else {
            let same = Column::Domain.is_in(same.domains.iter().map(String::as_str));
            self.earlier(this, Condition::all().add(same)).await?
        };
        let by_repository = match &same.repository {
            Some(repository) => {
                let same = Column::Repository.eq(repository.as_str());
                self.earlier(this, Condition::all().add(same)).await?
            }
            None => 0,
        };
        Ok((by_name, by_domain, by_repository))
    }

    async fn earlier(&self, this: &Application, same: Condition) -> Result<u32, StoreError> {
        let organizations = visibility::organizations(&self.actor)
            .select_only()
            .column(Column::Id)
            .filter(same)
            .into_query();
        let count = visibility::applications(&self.actor)
            .filter(applications::Column::ProgramId.eq(this.program.uuid()))
            .filter(handed_in_before(this))
            .filter(applications::Column::OrganizationId.in_subquery(organizations))
            .count(self.db())
            .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Whether the organisation is a member of the program by another application than this one.
    pub async fn is_member(&self, this: &Application) -> Result<bool, StoreError> {
        let count = visibility::memberships(&self.actor)
            .filter(memberships::Column::ProgramId.eq(this.program.uuid()))
            .filter(memberships::Column::OrganizationId.eq(this.organization.uuid()))
            .filter(memberships::Column::ApplicationId.ne(this.id.uuid()))
            .count(self.db())
            .await?;
        Ok(count > 0)
    }
}

/// What was handed in later says nothing of whether somebody applied before; at the same instant the id decides.
fn handed_in_before(this: &Application) -> Condition {
    use applications::Column as C;
    let handed_in = C::SubmittedAt.is_not_null();
    let Some(at) = this.submitted_at else {
        return Condition::all()
            .add(handed_in)
            .add(C::Id.ne(this.id.uuid()));
    };
    let together = Condition::all()
        .add(C::SubmittedAt.eq(at))
        .add(C::Id.lt(this.id.uuid()));
    Condition::any().add(C::SubmittedAt.lt(at)).add(together)
}

pub(crate) fn from_row(row: Model) -> Organization {
    Organization {
        id: Id::new(row.id),
        name: row.name,
        domain: row.domain,
        repository: row.repository,
        owner: Id::new(row.owner_id),
        created_at: row.created_at,
    }
}

impl Record for Organization {
    /// Inserts it, or brings what is known about it up to date; its name stays the first one given.
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(self.id.uuid()),
            comparable_name: Set(self.comparable_name()),
            name: Set(self.name),
            domain: Set(self.domain),
            repository: Set(self.repository),
            owner_id: Set(self.owner.uuid()),
            created_at: Set(self.created_at),
        };
        let mut known = sea_orm::sea_query::OnConflict::column(Column::Id);
        known.update_columns([Column::Domain, Column::Repository]);
        writing.upsert(row, known).unique("organization");
        Ok(())
    }
}
