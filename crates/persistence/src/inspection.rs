//! What the database says of itself, for those who look after it.

use chrono::DateTime;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};
use stoa_domain::Timestamp;

use crate::{Store, StoreError, dialect};

/// What the database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// A server of its own.
    Postgres {
        /// Its version, for people.
        version: String,
        /// Its version as a number: 150018 is 15.18.
        number: i32,
        /// What its clock shows.
        now: Timestamp,
        /// How texts are written.
        encoding: String,
        /// How texts are ordered.
        collation: String,
        /// Connections it takes, those kept for its keepers aside.
        connections: i32,
        /// Whether we may make tables.
        may_create: bool,
    },
    /// A file that we open ourselves.
    Sqlite {
        /// The version of the library.
        version: String,
        /// How texts are written.
        encoding: String,
    },
}

/// Connections to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// How many are open.
    pub open: u32,
    /// How many of them nobody uses.
    pub idle: u32,
    /// How many there may be.
    pub most: u32,
}

impl Store {
    /// Connections as they are now.
    pub fn pool(&self) -> Pool {
        let (open, idle, most) = self.db.count();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        Pool { open, idle, most }
    }

    /// Asks the database about itself.
    pub async fn inspect(&self) -> Result<Inspection, StoreError> {
        let postgres = self.db.get_database_backend() == DbBackend::Postgres;
        let query = dialect::inspection(self.db.get_database_backend());
        let row = self.db.query_one(&query).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the database said nothing".into()))?;
        Ok(read(&row, postgres)?)
    }
}

fn read(row: &QueryResult, postgres: bool) -> Result<Inspection, DbErr> {
    let version = row.try_get("", "version")?;
    let encoding = row.try_get("", "encoding")?;
    if !postgres {
        return Ok(Inspection::Sqlite { version, encoding });
    }
    Ok(Inspection::Postgres {
        version,
        encoding,
        number: row.try_get("", "number")?,
        now: DateTime::from_timestamp_millis(row.try_get("", "now")?).unwrap_or_default(),
        collation: row.try_get("", "collation")?,
        connections: row.try_get("", "connections")?,
        may_create: row.try_get("", "may_create")?,
    })
}
