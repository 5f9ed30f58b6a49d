//! Where things stand in a file, and what is wrong with them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Mistake;

/// The lines of one file's values by path (`criteria[2].expression`), and the mistakes found so far.
#[derive(Debug)]
pub(super) struct Notes {
    file: String,
    lines: BTreeMap<String, usize>,
    /// What is wrong, by path.
    mistakes: RefCell<BTreeMap<String, Vec<String>>>,
}

impl Notes {
    /// No mistakes yet.
    pub(super) fn new(file: &str, lines: BTreeMap<String, usize>) -> Self {
        Self {
            file: file.to_owned(),
            lines,
            mistakes: RefCell::default(),
        }
    }

    /// Notes what is wrong with the value at a path. The first mistake of a path is kept: those
    /// that follow come from the stand-in that was put in its place.
    pub(super) fn wrong(&self, path: &str, message: impl Into<String>) {
        if !self.is_wrong(path) {
            self.add(path, message);
        }
    }

    /// Notes what is wrong with the value at a path, whatever else is.
    pub(super) fn add(&self, path: &str, message: impl Into<String>) {
        let mut mistakes = self.mistakes.borrow_mut();
        let found = mistakes.entry(path.to_owned()).or_default();
        found.push(message.into());
    }

    /// Whether something was found wrong with the value at exactly this path.
    pub(super) fn is_wrong(&self, path: &str) -> bool {
        self.mistakes.borrow().contains_key(path)
    }

    /// Whether something was found wrong at this path or below it.
    pub(super) fn is_wrong_below(&self, path: &str) -> bool {
        let mistakes = self.mistakes.borrow();
        let mut from = mistakes.range(path.to_owned()..);
        from.next().is_some_and(|(at, _)| at.starts_with(path))
    }

    /// All mistakes in the order of their lines.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes: Vec<_> = (self.mistakes.take().into_iter())
            .flat_map(|(path, messages)| {
                let line = self.line(&path);
                messages.into_iter().map(move |message| (line, message))
            })
            .map(|(line, message)| Mistake {
                file: self.file.clone(),
                line,
                message,
            })
            .collect();
        mistakes.sort_by_key(|mistake| mistake.line);
        mistakes
    }

    /// The line of a path, or of the nearest thing around it that is written.
    fn line(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return *line;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return 1,
            }
        }
    }
}

/// Where the lines of a text end.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    /// Reads the text once, so that a line is found without reading it again.
    pub(super) fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(end, _)| end).collect())
    }

    /// The line, counted from 1, in which a byte stands.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
}

/// “, or did you mean …?” if a known name is a slip of the pen away, else the known names.
pub(super) fn suggestion(name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|known| (distance(name, known), known))
        .min();
    match nearest {
        // Two slips in a name of six letters are a typo, in one of three another word.
        Some((slips, known)) if slips <= 1 + known.len() / 6 => {
            format!("did you mean \"{known}\"?")
        }
        _ => format!("known are {}", known.join(", ")),
    }
}

/// How many letters must be added, removed or replaced to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (position, target) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(letter != target);
            diagonal = row[position + 1];
            row[position + 1] = replaced.min(diagonal + 1).min(row[position] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised_and_another_word_is_not() {
        let known = ["statement", "expression", "fix"];
        assert_eq!(
            suggestion("statment", &known),
            "did you mean \"statement\"?"
        );
        assert_eq!(suggestion("fixx", &known), "did you mean \"fix\"?");
        assert_eq!(
            suggestion("colour", &known),
            "known are statement, expression, fix"
        );
    }

    #[test]
    fn a_path_that_is_not_written_has_the_line_of_what_is_around_it() {
        let lines = BTreeMap::from([("criteria[2]".to_owned(), 7), ("calendar".to_owned(), 9)]);
        let notes = Notes::new("program.toml", lines);
        assert_eq!(notes.line("criteria[2].fix"), 7);
        assert_eq!(notes.line("calendar.edition[0].week[1]"), 9);
        assert_eq!(notes.line("promise"), 1);
    }
}
