//! What can be asked for: lists read from the database before anything is measured.

use chrono::{Months, NaiveDate};
use serde_json::{Value, json};
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::id::Id;
use stoa_domain::program::Program;
use uuid::Uuid;

use crate::database::Database;
use crate::http::Connection;
use crate::load::fault;
use crate::requests::{Asker, Kind, Side};
use crate::{Failure, Result, data};

/// How many applications are asked for, one after another.
const DETAILS: usize = 5_000;
/// How many pages of a list are gone through.
const PAGES: usize = 40;
/// How many years of months are asked for, each beginning a month later.
const YEARS: u32 = 12;

/// What the database holds that can be asked for.
pub struct Catalogue {
    programs: Vec<Id<Program>>,
    applications: Vec<Id<Application>>,
    claims: Vec<(Id<Application>, i32)>,
}

impl Catalogue {
    /// Reads the lists.
    pub async fn read(database: &Database) -> Result<Self> {
        let programs = ids(database, "SELECT id FROM programs ORDER BY key").await?;
        let all = ids(database, "SELECT id FROM applications ORDER BY id").await?;
        let claims = "SELECT id, version FROM applications \
                      WHERE status = 'IN_REVIEW' AND assignee_id IS NULL ORDER BY id";
        let claims = database.rows(claims).await?;
        let catalogue = Self {
            programs: programs.into_iter().map(Id::new).collect(),
            applications: scattered(&all, DETAILS).map(Id::new).collect(),
            claims: claims
                .iter()
                .map(|row| {
                    let id: Uuid = row.try_get_by_index(0)?;
                    Ok((Id::new(id), row.try_get_by_index(1)?))
                })
                .collect::<Result<_>>()?,
        };
        if catalogue.programs.is_empty()
            || catalogue.applications.is_empty()
            || catalogue.claims.is_empty()
        {
            return Err("the database has no programs, no applications, or none to claim".into());
        }
        Ok(catalogue)
    }

    /// The variables of all requests of a kind. Cursors are a server's own, so it is asked for them.
    pub async fn variables(
        &self,
        kind: Kind,
        side: Side,
        asker: &Asker,
        connection: &mut Connection,
    ) -> Result<Vec<Value>> {
        match kind {
            Kind::Detail => {
                let ids = self.applications.iter();
                Ok(ids.map(|id| json!({ "id": id })).collect())
            }
            Kind::Claim => {
                let claims = self.claims.iter();
                Ok(claims
                    .map(|(id, version)| json!({ "id": id, "version": version }))
                    .collect())
            }
            Kind::Kpi => Ok((0..YEARS).flat_map(|later| self.year(later)).collect()),
            Kind::Queue | Kind::Members => {
                let mut lists = Vec::new();
                for program in &self.programs {
                    let pages = Pages {
                        kind,
                        side,
                        asker,
                        program: *program,
                    };
                    lists.push(pages.gone_through(connection).await?);
                }
                Ok(in_turn(lists))
            }
        }
    }

    /// Twelve months of each program, beginning some months after the first whole one.
    fn year(&self, later: u32) -> Vec<Value> {
        let first = data::first_month() + Months::new(later);
        let last = (first + Months::new(12))
            .pred_opt()
            .unwrap_or(NaiveDate::MAX);
        let of = |program| json!({ "programId": program, "from": first, "to": last });
        self.programs.iter().map(of).collect()
    }
}

/// A list of one program.
struct Pages<'a> {
    kind: Kind,
    side: Side,
    asker: &'a Asker,
    program: Id<Program>,
}

impl Pages<'_> {
    /// The first page as often as all that follow it: half of all readers go on.
    async fn gone_through(&self, connection: &mut Connection) -> Result<Vec<Value>> {
        let first = json!({ "programId": self.program });
        let mut variables = vec![first.clone()];
        let mut after = self.cursor(&first, connection).await?;
        while let Some(cursor) = after.filter(|_| variables.len() < 2 * PAGES) {
            let next = json!({ "programId": self.program, "after": cursor });
            after = self.cursor(&next, connection).await?;
            variables.extend([next, first.clone()]);
        }
        Ok(variables)
    }

    /// Where a page ends, if another follows.
    async fn cursor(
        &self,
        variables: &Value,
        connection: &mut Connection,
    ) -> Result<Option<String>> {
        let request = self.side.request(self.kind, variables, self.asker);
        let answer = connection.ask(&request).await?;
        if let Some(fault) = fault(&answer) {
            return Err(
                format!("{} of the {}: {fault}", self.kind.name(), self.side.name()).into(),
            );
        }
        let answer: Value = serde_json::from_slice(answer.body)?;
        let name = self.kind.connection().unwrap_or_default();
        let info = &answer["data"][name]["pageInfo"];
        let follows = info["hasNextPage"] == true;
        let cursor = info["endCursor"].as_str().map(str::to_owned);
        Ok(cursor.filter(|_| follows))
    }
}

/// The account that asks, found by its address.
pub async fn account(database: &Database, email: &str) -> Result<String> {
    let sql = format!("SELECT id FROM accounts WHERE email = '{email}'");
    let found = ids(database, &sql).await?.into_iter().next();
    let id: Id<Account> = Id::new(found.ok_or("the asking account is missing")?);
    Ok(id.to_string())
}

async fn ids(database: &Database, sql: &str) -> Result<Vec<Uuid>> {
    let rows = database.rows(sql).await?;
    rows.iter()
        .map(|row| row.try_get_by_index(0).map_err(Failure::from))
        .collect()
}

/// So many of them, from everywhere, none beside the one before: neighbours share pages of the database.
fn scattered(ids: &[Uuid], most: usize) -> impl Iterator<Item = Uuid> {
    // Prime, and so apart from the number of rows that it goes around all of them.
    const STRIDE: usize = 15_485_863;
    let count = ids.len().min(most);
    (0..count).map(|place| ids[place * STRIDE % ids.len()])
}

/// The first of each list, then the second of each, and so on.
fn in_turn(lists: Vec<Vec<Value>>) -> Vec<Value> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest)
        .flat_map(|place| lists.iter().filter_map(move |list| list.get(place)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_in_turn() {
        let lists = vec![vec![json!(1), json!(3)], vec![json!(2)]];
        assert_eq!(in_turn(lists), [json!(1), json!(2), json!(3)]);
    }

    #[test]
    fn scattered_ids_are_all_different() {
        let ids: Vec<Uuid> = (0..1000).map(Uuid::from_u128).collect();
        let mut found: Vec<Uuid> = scattered(&ids, 100).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), 100);
    }
}
