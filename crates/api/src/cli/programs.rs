//! Programs and registries from the command line.

use std::path::PathBuf;

use stoa_domain::actor::Actor;
use stoa_domain::program::Rules;
use stoa_domain::verifiers::academic;

use super::Problem;
use crate::operations::programs::{NotPublished, Published, directories, read_directory};
use crate::service::Service;

/// Entries of a registry written in one transaction.
const BATCH: usize = 1_000;

/// Reports every mistake of every program.
pub fn check(paths: &[PathBuf]) -> Result<(), Problem> {
    for rules in read(paths)? {
        println!("{}: no mistakes", rules.key);
    }
    Ok(())
}

/// Publishes what changed.
pub async fn apply(service: &Service, paths: &[PathBuf]) -> Result<(), Problem> {
    for rules in read(paths)? {
        let key = rules.key.clone();
        match service.publish(rules, &Actor::System, false).await {
            Ok(Published::Unchanged(program)) => {
                println!(
                    "{key}: nothing changed, revision {} holds",
                    program.revision_number
                );
            }
            Ok(Published::Revision(program)) => {
                println!("{key}: published revision {}", program.revision_number);
            }
            Err(problem) => return Err(told(problem)),
        }
    }
    Ok(())
}

/// Every program below the paths, or every mistake in all of them.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Rules>, Problem> {
    let mut programs = Vec::new();
    let mut wrong = Vec::new();
    for path in paths {
        let found = directories(path)
            .map_err(|error| Problem(format!("{} cannot be read: {error}", path.display())))?;
        if found.is_empty() {
            wrong.push(format!(
                "{}: no program.toml here or one level below",
                path.display()
            ));
        }
        for directory in found {
            match read_directory(&directory) {
                Ok(rules) => programs.push(rules),
                Err(NotPublished::Mistakes(mistakes)) => {
                    wrong.extend(mistakes.iter().map(|mistake| {
                        let file = directory.join(&mistake.file);
                        format!("{}:{}: {}", file.display(), mistake.line, mistake.message)
                    }));
                }
                Err(problem) => wrong.push(told(problem).0),
            }
        }
    }
    if wrong.is_empty() {
        return Ok(programs);
    }
    let count = wrong.len();
    Err(Problem(format!(
        "{}\n{count} mistakes; nothing was published.",
        wrong.join("\n")
    )))
}

pub(super) fn told(problem: NotPublished) -> Problem {
    Problem(match problem {
        NotPublished::Mistakes(mistakes) => mistakes
            .iter()
            .map(|mistake| format!("{}:{}: {}", mistake.file, mistake.line, mistake.message))
            .collect::<Vec<_>>()
            .join("\n"),
        NotPublished::Refused(refusal) => format!("Refused: {refusal:?}"),
        NotPublished::Unreadable(problem) => problem,
        NotPublished::Store(error) => return error.into(),
    })
}

/// Loads the registry of academic domains; entries that are there already are brought up to date.
pub async fn load_academic_domains(service: &Service, text: &str) -> Result<(), Problem> {
    let entries = academic::parse(text).map_err(|mistakes| {
        let lines = mistakes
            .iter()
            .map(|(line, problem)| format!("line {line}: {problem}"));
        Problem(lines.collect::<Vec<_>>().join("\n"))
    })?;
    let count = entries.len();
    let mut entries = entries.into_iter().peekable();
    while entries.peek().is_some() {
        let batch: Vec<_> = entries.by_ref().take(BATCH).collect();
        service.store.commit(batch).await?;
    }
    println!("{count} academic domains loaded.");
    Ok(())
}
