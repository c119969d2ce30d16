//! Texts that come again and again, each kept once.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::map;

/// Characters of a name that are kept.
const MAX_CHARS: usize = 240;
/// Bytes that all names of one file may take; names beyond are one name.
const MAX_BYTES: usize = 64 << 20;

/// A text of [`Names`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(u32);

/// A table of texts. The first is the empty one.
#[derive(Clone, Debug, PartialEq)]
pub struct Names {
    places: BTreeMap<String, usize>,
    list: Vec<String>,
    bytes: usize,
}

impl Default for Names {
    fn default() -> Names {
        let mut names = Names { places: BTreeMap::new(), list: Vec::new(), bytes: 0 };
        names.of("");
        names
    }
}

impl Names {
    /// The name of a text, of which 240 characters are kept. Beyond 64 MiB of texts a new one is `…`.
    pub fn of(&mut self, text: &str) -> Name {
        let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
        let mut text = text.get(..end).unwrap_or("");
        if self.bytes > MAX_BYTES && !self.places.contains_key(text) {
            text = "…";
        }
        let next = self.list.len();
        let place = map::place(&mut self.places, text, next);
        if place == next {
            self.bytes += text.len() + 64;
            self.list.push(text.to_string());
        }
        Name(place as u32)
    }

    /// The text of a name; nothing for one of another table.
    #[must_use]
    pub fn text(&self, name: Name) -> &str {
        self.list.get(name.0 as usize).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_text_has_one_name() {
        let mut names = Names::default();
        let (a, b) = (names.of("a"), names.of("b"));
        assert_eq!((names.of("a"), names.text(a), names.text(b)), (a, "a", "b"));
        assert_eq!(names.text(names.clone().of("")), "");
        let long = names.of(&"ä".repeat(1000));
        assert_eq!(names.text(long).chars().count(), 240);
    }
}
