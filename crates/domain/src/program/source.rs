//! The text of a program's files as [`Rules`], or every mistake at once with its file and line.
//!
//! | file | what it says | form |
//! |------|--------------|------|
//! | `program.toml` | all of [`Rules`] except form and messages, under the same names | TOML |
//! | `form.schema.json` | what applicants are asked | JSON Schema 2020-12 with `x-ui` hints |
//! | `messages/*.md` | what applicants are told | Markdown with `{{ name }}` |
//!
//! Other files are left alone, so that a directory can hold a `README.md`.

mod calendar;
mod check;
mod document;
mod messages;
mod notes;
mod read;
#[cfg(test)]
mod ready;
mod schema;
mod section;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::form;
use super::rules::Rules;

/// The files of a program directory, by name: `program.toml`, `form.schema.json`, `messages/approved.md` …
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Text by file name.
    pub files: BTreeMap<String, String>,
}

/// Something in a program's files that cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file it is in.
    pub file: String,
    /// The line it is in, counted from 1.
    pub line: usize,
    /// What is wrong, and what to do about it.
    pub message: String,
}

/// The main file's name in the program directory.
const FILE: &str = "program.toml";

/// The largest file taken, in bytes; the ready programs have files of 15 kB.
const SIZE: usize = 256 * 1024;

/// The rules that a program's files say, or every mistake, file by file in the order of lines.
///
/// Only what is below a mistake of syntax stays unseen: the rest of its file cannot be told.
pub fn read(source: &Source) -> Result<Rules, Vec<Mistake>> {
    let oversized = oversized(source);
    if !oversized.is_empty() {
        return Err(oversized);
    }
    let mut mistakes = Vec::new();
    let form = schema::read(source, &mut mistakes);
    let messages = messages::read(source, &mut mistakes);
    let rules = match document::parse(FILE, source.files.get(FILE)) {
        Err(syntax) => {
            mistakes.extend(syntax);
            None
        }
        Ok((table, notes)) => {
            let mut rules = read::rules(section::Section::root(&table, &notes));
            rules.messages = messages;
            let form = form.map(|(schema, form)| {
                rules.form = schema;
                form
            });
            check::check(&rules, form.as_ref(), &notes);
            mistakes.extend(notes.into_mistakes());
            Some(rules)
        }
    };
    match rules {
        Some(rules) if mistakes.is_empty() => Ok(rules),
        _ => {
            mistakes.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
            Err(mistakes)
        }
    }
}

fn oversized(source: &Source) -> Vec<Mistake> {
    let files = source.files.iter();
    files
        .filter(|(_, text)| text.len() > SIZE)
        .map(|(file, _)| Mistake {
            file: file.clone(),
            line: 1,
            message: format!("a file has at most {} kB", SIZE / 1024),
        })
        .collect()
}
