//! Publishing programs: from a directory, or from texts that came through the API.

use std::collections::BTreeMap;
use std::path::Path;

use stoa_domain::actor::Actor;
use stoa_domain::program::source::{self, Mistake, Source};
use stoa_domain::program::{self, Program, Publication, Rules};
use stoa_persistence::StoreError;

use crate::service::Service;

/// What publishing came to.
#[derive(Clone, Debug)]
pub enum Published {
    /// The rules are what the current revision says already.
    Unchanged(Program),
    /// A revision was published, or would have been if this were no dry run.
    Revision(Program),
}

/// Why nothing was published.
#[derive(Debug)]
pub enum NotPublished {
    /// The source has mistakes: all of them.
    Mistakes(Vec<Mistake>),
    /// A rule stands against it.
    Refused(program::Refusal),
    /// The files cannot be read.
    Unreadable(String),
    /// The store failed.
    Store(StoreError),
}

impl From<program::Refusal> for NotPublished {
    fn from(refusal: program::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for NotPublished {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Service {
    /// Publishes rules as a new revision if they say something new; a dry run only tells.
    pub async fn publish(
        &self,
        rules: Rules,
        by: &Actor,
        dry_run: bool,
    ) -> Result<Published, NotPublished> {
        let view = self.store.view(by);
        let now = self.clock.now();
        let Some(program) = view.program_by_key(&rules.key).await? else {
            let (change, revision) =
                Program::create(rules, self.clock.id(), self.clock.id(), by, now)?;
            let program = change.after.clone();
            if !dry_run {
                self.store.commit((change, revision)).await?;
            }
            return Ok(Published::Revision(program));
        };
        let current = self.compiled(program.current).await?;
        match program
            .clone()
            .publish(rules, &current.revision.rules, self.clock.id(), by, now)?
        {
            Publication::Unchanged => Ok(Published::Unchanged(program)),
            Publication::Published(change, revision) => {
                let program = change.after.clone();
                if !dry_run {
                    self.store.commit((*change, *revision)).await?;
                }
                Ok(Published::Revision(program))
            }
        }
    }
}

/// The rules in a program's directory.
pub fn read_directory(path: &Path) -> Result<Rules, NotPublished> {
    source::read(&files(path).map_err(|error| {
        NotPublished::Unreadable(format!("{} cannot be read: {error}", path.display()))
    })?)
    .map_err(NotPublished::Mistakes)
}

fn files(path: &Path) -> std::io::Result<Source> {
    let mut files = BTreeMap::new();
    for name in ["program.toml", "form.schema.json"] {
        let file = path.join(name);
        if file.is_file() {
            files.insert(name.to_owned(), std::fs::read_to_string(file)?);
        } else if name == "program.toml" && !path.is_dir() {
            return Err(std::io::Error::from(std::io::ErrorKind::NotFound));
        }
    }
    let messages = path.join("messages");
    if messages.is_dir() {
        for entry in std::fs::read_dir(messages)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if Path::new(&name)
                .extension()
                .is_some_and(|kind| kind == "md")
            {
                files.insert(
                    format!("messages/{name}"),
                    std::fs::read_to_string(entry.path())?,
                );
            }
        }
    }
    Ok(Source { files })
}

/// Directories with a `program.toml` below this path, or the path itself.
pub fn directories(path: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    if path.join("program.toml").is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?.path();
        if entry.join("program.toml").is_file() {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}
