//! A small pattern language for names: focus, filter and search.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Alternatives separated by `|`; each matches anywhere in a name unless it starts with `^` or
/// ends with `$`; `*` stands for any text; upper and lower case are the same for ASCII letters.
/// The empty pattern matches everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Alternative {
    from_start: bool,
    to_end: bool,
    /// Literal pieces between `*`, lower-cased.
    pieces: Vec<String>,
}

impl Pattern {
    /// Reads a pattern; every text is one.
    #[must_use]
    pub fn new(text: &str) -> Pattern {
        let alternatives = text
            .split('|')
            .map(|part| {
                let (part, from_start) = part.strip_prefix('^').map_or((part, false), |p| (p, true));
                let (part, to_end) = part.strip_suffix('$').map_or((part, false), |p| (p, true));
                let pieces = part.to_ascii_lowercase().split('*').map(ToString::to_string).collect();
                Alternative { from_start, to_end, pieces }
            })
            .collect();
        Pattern { alternatives }
    }

    /// Whether a name matches. Linear in the name for each piece.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.alternatives.iter().any(|a| a.matches(&name))
    }
}

impl Alternative {
    fn matches(&self, name: &str) -> bool {
        let mut rest = name;
        let last = self.pieces.len() - 1;
        for (index, piece) in self.pieces.iter().enumerate() {
            if index == last && self.to_end {
                let anchored = index == 0 && self.from_start;
                return if anchored { rest == piece } else { rest.ends_with(piece.as_str()) };
            }
            if index == 0 && self.from_start {
                match rest.strip_prefix(piece.as_str()) {
                    Some(r) => rest = r,
                    None => return false,
                }
            } else {
                match crate::find::find(rest.as_bytes(), piece.as_bytes()) {
                    Some(at) => rest = rest.get(at + piece.len()..).unwrap_or(""),
                    None => return false,
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn anchors_alternatives_and_stars() {
        let check = |p: &str, name: &str, want: bool| assert_eq!(Pattern::new(p).matches(name), want, "{p} {name}");
        check("", "anything", true);
        check("Foo", "a.foo.b", true);
        check("^foo", "a.foo", false);
        check("^foo$", "foo", true);
        check("^foo$", "foofoo", false);
        check("foo$|bar", "xbarx", true);
        check("a*c", "abbbc", true);
        check("a*c$", "abcd", false);
        check("^a*c$", "ac", true);
        check("^a*a$", "a", false);
        check("é", "caf\u{e9}", true);
    }
}
