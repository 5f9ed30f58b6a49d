//! Random small documents whose fragments spread fragments; what a kind means is up to the test.

use std::fmt::Write;

use proptest::prelude::*;

/// Fragments of a random document.
const FRAGMENTS: usize = 4;

/// A selection, with what is selected in it.
#[derive(Clone, Debug)]
pub struct Tree {
    pub kind: u8,
    pub number: usize,
    pub inside: Vec<Self>,
}

/// A document: what the operation selects, and what each fragment does.
#[derive(Clone, Debug)]
pub struct Forest {
    pub operation: Vec<Tree>,
    pub fragments: Vec<Vec<Tree>>,
}

fn trees() -> impl Strategy<Value = Vec<Tree>> {
    let leaf = (0..8_u8, 0..FRAGMENTS).prop_map(|(kind, number)| Tree {
        kind,
        number,
        inside: Vec::new(),
    });
    let tree = leaf.prop_recursive(3, 12, 3, |inner| {
        let inside = prop::collection::vec(inner, 0..3);
        (0..8_u8, 0..FRAGMENTS, inside).prop_map(|(kind, number, inside)| Tree {
            kind,
            number,
            inside,
        })
    });
    prop::collection::vec(tree, 1..4)
}

pub fn forests() -> impl Strategy<Value = Forest> {
    (trees(), prop::collection::vec(trees(), FRAGMENTS)).prop_map(|(operation, fragments)| Forest {
        operation,
        fragments,
    })
}

impl Forest {
    /// Writes the document. `open` begins a fragment; `write` writes a selection that stands in the
    /// fragment of that number, or in the operation.
    pub fn text(
        &self,
        open: impl Fn(usize) -> String,
        write: impl Fn(&mut String, &[Tree], Option<usize>),
    ) -> String {
        let mut text = String::from("query {");
        write(&mut text, &self.operation, None);
        text.push('}');
        for (number, trees) in self.fragments.iter().enumerate() {
            let _ = write!(text, "\nfragment F{number} {} {{", open(number));
            write(&mut text, trees, Some(number));
            text.push('}');
        }
        text
    }
}

/// The fragment that a spread in this place means: always a later one, so that there are no cycles.
pub fn target(place: Option<usize>, number: usize) -> Option<usize> {
    let target = place.map_or(0, |place| place + 1) + number;
    (target < FRAGMENTS).then_some(target)
}
