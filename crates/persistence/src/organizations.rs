//! Organisations: rows, reads, and finding those that applied before.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QuerySelect, QueryTrait};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::text;

use crate::cells::Cells;
use crate::entity::applications;
use crate::entity::organizations::{ActiveModel, Column, Entity, Model};
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

/// Applications that were handed in earlier, by organisation.
#[derive(Clone, Debug, Default)]
pub struct EarlierApplications(HashMap<Id<Organization>, Found>);

#[derive(Clone, Debug, Default)]
struct Found {
    name: String,
    domain: Option<String>,
    repository: Option<String>,
    applications: i64,
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

    /// The organisations that these accounts speak for.
    pub async fn organizations_of(
        &self,
        owners: &[Id<Account>],
    ) -> Result<Vec<Organization>, StoreError> {
        let all = visibility::organizations(&self.actor)
            .filter(Column::OwnerId.is_in(owners.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?;
        Ok(all.into_iter().map(from_row).collect())
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

    /// Applications to the same program that were handed in before this one by these organisations, or by
    /// some that share a name, a domain, or a repository with what is searched.
    pub async fn earlier_applications(
        &self,
        this: &Application,
        same: &[OrganizationMatch],
        organizations: &[Id<Organization>],
    ) -> Result<EarlierApplications, StoreError> {
        let column = |column| (Entity, column);
        let names = same.iter().filter_map(|same| same.name.as_deref());
        let domains = same.iter().flat_map(|same| &same.domains);
        let repositories = same.iter().filter_map(|same| same.repository.as_deref());
        let shared = Condition::any()
            .add(Column::ComparableName.is_in(names))
            .add(Column::Domain.is_in(domains.map(String::as_str)))
            .add(Column::Repository.is_in(repositories))
            .add(Column::Id.is_in(organizations.iter().map(|id| id.uuid())));
        // A list, and not the join alone: from there on SQLite looks through the whole program.
        let sharing = visibility::organizations(&self.actor)
            .select_only()
            .column(Column::Id)
            .filter(shared)
            .into_query();
        let of = applications::Column::OrganizationId;
        let mut query = visibility::applications(&self.actor)
            .select_only()
            .filter(applications::Column::ProgramId.eq(this.program.uuid()))
            .filter(handed_in_before(this))
            .filter(of.in_subquery(sharing))
            .into_query();
        let of = Expr::col((applications::Entity, of));
        query
            .inner_join(Entity, of.equals(column(Column::Id)))
            .columns(column_names().map(column))
            .expr(Expr::col((applications::Entity, applications::Column::Id)).count())
            .add_group_by(column_names().map(|name| Expr::col(column(name))));
        let mut earlier = EarlierApplications::default();
        for row in self.db().query_all(&query).await? {
            let mut cells = Cells::new(&row);
            let id: uuid::Uuid = cells.next()?;
            let found = Found {
                name: cells.next()?,
                domain: cells.next()?,
                repository: cells.next()?,
                applications: cells.next()?,
            };
            earlier.0.insert(Id::new(id), found);
        }
        Ok(earlier)
    }
}

fn column_names() -> impl Iterator<Item = Column> {
    let names = [Column::ComparableName, Column::Domain, Column::Repository];
    std::iter::once(Column::Id).chain(names)
}

impl EarlierApplications {
    /// How many are of organisations that share the name, a domain, and the repository.
    pub fn of_same(&self, same: &OrganizationMatch) -> (u32, u32, u32) {
        let count = |shares: &dyn Fn(&Found) -> bool| {
            let all = self.0.values().filter(|found| shares(found));
            let sum: i64 = all.map(|found| found.applications).sum();
            u32::try_from(sum).unwrap_or(u32::MAX)
        };
        (
            count(&|found| same.name.as_deref() == Some(found.name.as_str())),
            count(&|found| {
                found
                    .domain
                    .as_ref()
                    .is_some_and(|it| same.domains.contains(it))
            }),
            count(&|found| found.repository.is_some() && found.repository == same.repository),
        )
    }

    /// Takes in what has become known of an organisation.
    pub fn know(&mut self, organization: &Organization) {
        let found = self.0.entry(organization.id).or_default();
        found.name = organization.comparable_name();
        found.domain.clone_from(&organization.domain);
        found.repository.clone_from(&organization.repository);
    }

    /// Counts one more application of an organisation that is known.
    pub fn add(&mut self, organization: Id<Organization>) {
        self.0.entry(organization).or_default().applications += 1;
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
