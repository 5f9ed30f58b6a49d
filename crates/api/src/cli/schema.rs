//! The schema from the command line: printed, and compared with an older one.

use std::path::Path;

use super::Problem;
use crate::contract::{Level, compare};
use crate::graphql;

/// Prints the schema.
pub fn print() {
    println!("{}", graphql::sdl());
}

/// Prints what changed since an older schema; breaking changes nobody was warned of are a failure.
pub fn diff(old: &Path, new: Option<&Path>) -> Result<(), Problem> {
    let old = read(old)?;
    let new = new.map_or_else(|| Ok(graphql::sdl()), read)?;
    let changes = compare(&old, &new).map_err(|error| Problem(error.to_string()))?;
    for change in &changes {
        println!("{change}");
    }
    let count = |level| changes.iter().filter(|it| it.level == level).count();
    println!(
        "{} changes: {} breaking, {} dangerous, {} safe",
        changes.len(),
        count(Level::Breaking),
        count(Level::Dangerous),
        count(Level::Safe),
    );
    match changes.iter().filter(|it| it.breaks()).count() {
        0 => Ok(()),
        broken => Err(Problem(format!(
            "{broken} of them break clients that had no warning. Deprecate first, remove after a release."
        ))),
    }
}

fn read(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path)
        .map_err(|error| Problem(format!("{} cannot be read: {error}", path.display())))
}
