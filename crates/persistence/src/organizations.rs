//! Organisations: rows, reads, and finding those that applied before.

use std::collections::{BTreeSet, HashMap};

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QuerySelect, QueryTrait};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
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
pub struct EarlierApplications {
    counts: HashMap<Id<Organization>, i64>,
    names: Sharing,
    domains: Sharing,
    repositories: Sharing,
}

/// The organisations that share something.
type Sharing = HashMap<String, BTreeSet<Id<Organization>>>;

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

    /// Applications to a program that were handed in, before this one if there is one, by these
    /// organisations, or by some that share a name, a domain, or a repository with what is searched.
    pub async fn earlier_applications(
        &self,
        program: Id<Program>,
        this: Option<&Application>,
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
        // Counted for each: a join would go through the whole program, or be planned as if it were empty.
        let of = applications::Column::OrganizationId;
        let count = visibility::applications(&self.actor)
            .select_only()
            .filter(applications::Column::ProgramId.eq(program.uuid()))
            .filter(handed_in_before(this))
            .filter(Expr::col((applications::Entity, of)).equals(column(Column::Id)))
            .expr(applications::Column::Id.count())
            .into_query();
        let mut query = visibility::organizations(&self.actor)
            .select_only()
            .columns([
                Column::Id,
                Column::ComparableName,
                Column::Domain,
                Column::Repository,
            ])
            .filter(shared)
            .into_query();
        query.expr(SimpleExpr::SubQuery(None, Box::new(count.into())));
        let mut earlier = EarlierApplications::default();
        for row in self.db().query_all(&query).await? {
            let mut cells = Cells::new(&row);
            let id: uuid::Uuid = cells.next()?;
            let id = Id::new(id);
            earlier.share(id, cells.next()?, cells.next()?, cells.next()?);
            earlier.counts.insert(id, cells.next()?);
        }
        Ok(earlier)
    }
}

impl EarlierApplications {
    /// How many are of organisations that share the name, a domain, and the repository.
    pub fn of_same(&self, same: &OrganizationMatch) -> (u32, u32, u32) {
        (
            self.of_all(&self.names, same.name.iter()),
            self.of_all(&self.domains, same.domains.iter()),
            self.of_all(&self.repositories, same.repository.iter()),
        )
    }

    fn of_all<'a>(&self, sharing: &Sharing, shared: impl Iterator<Item = &'a String>) -> u32 {
        let all = shared.filter_map(|it| sharing.get(it)).flatten();
        // Each once, whatever it shares.
        let all: BTreeSet<_> = all.collect();
        let sum: i64 = all.iter().filter_map(|id| self.counts.get(id)).sum();
        u32::try_from(sum).unwrap_or(u32::MAX)
    }

    fn share(
        &mut self,
        id: Id<Organization>,
        name: String,
        domain: Option<String>,
        repository: Option<String>,
    ) {
        let shared = [
            (&mut self.names, Some(name)),
            (&mut self.domains, domain),
            (&mut self.repositories, repository),
        ];
        for (sharing, shared) in shared {
            if let Some(shared) = shared {
                sharing.entry(shared).or_default().insert(id);
            }
        }
    }

    /// Takes in what has become known of an organisation; what was known of it stays.
    pub fn know(&mut self, organization: &Organization) {
        let (domain, repository) = (&organization.domain, &organization.repository);
        let name = organization.comparable_name();
        self.share(organization.id, name, domain.clone(), repository.clone());
    }

    /// Counts one more application of an organisation that is known.
    pub fn add(&mut self, organization: Id<Organization>) {
        *self.counts.entry(organization).or_default() += 1;
    }
}

/// What was handed in later says nothing of whether somebody applied before; at the same instant the id decides.
fn handed_in_before(this: Option<&Application>) -> Condition {
    use applications::Column as C;
    let handed_in = Condition::all().add(C::SubmittedAt.is_not_null());
    let Some(this) = this else {
        return handed_in;
    };
    let Some(at) = this.submitted_at else {
        return handed_in.add(C::Id.ne(this.id.uuid()));
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
        let renewed = [Column::Domain, Column::Repository];
        writing
            .upsert(row, [Column::Id], renewed)
            .unique("organization");
        Ok(())
    }
}
