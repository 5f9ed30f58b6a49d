//! Claims are put back, so that they can be made again.

use crate::Result;
use crate::database::Database;

/// The log as it was before any claim.
pub struct Claims<'a> {
    database: &'a Database,
    postgres: bool,
    last_line: i64,
}

impl<'a> Claims<'a> {
    /// Remembers where the log ends.
    pub async fn before(database: &'a Database, postgres: bool) -> Result<Self> {
        let last_line = database.number("SELECT max(sequence) FROM activities");
        Ok(Self {
            last_line: last_line.await?,
            database,
            postgres,
        })
    }

    /// Takes every claim back that was made since. Each application was claimed once, so one version
    /// is one claim.
    pub async fn undo(&self) -> Result<()> {
        let made = format!("sequence > {} AND verb = 'CLAIMED'", self.last_line);
        let rows = format!(
            "UPDATE applications SET version = version - 1, assignee_id = NULL, wake_at = NULL \
             WHERE id IN (SELECT subject_id FROM activities WHERE {made})"
        );
        self.database.execute(&rows).await?;
        let lines = format!("DELETE FROM activities WHERE {made}");
        self.database.execute(&lines).await?;
        if self.postgres {
            // Every measurement is to find the tables as the first one did.
            self.database.execute("VACUUM applications").await?;
            self.database.execute("VACUUM activities").await?;
        }
        Ok(())
    }
}
