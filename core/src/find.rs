//! Finding a piece of text. The standard library's search is linear in the worst case and costs the
//! engine of the page some 3 kB; pieces here are a few bytes.

/// Where a piece first stands; an empty one at the beginning.
#[inline(never)]
#[must_use]
pub fn find(text: &[u8], piece: &[u8]) -> Option<usize> {
    let Some(first) = piece.first() else { return Some(0) };
    let mut from = 0;
    loop {
        // Most bytes are not its first one, and the others are seldom looked at.
        let rest = text.get(from..)?;
        let at = rest.iter().position(|b| b == first)?;
        if rest.get(at..)?.starts_with(piece) {
            return Some(from + at);
        }
        from += at + 1;
    }
}

/// Where a piece last stands; an empty one at the end.
#[inline(never)]
#[must_use]
pub fn rfind(text: &str, piece: &str) -> Option<usize> {
    (0..=text.len().checked_sub(piece.len())?).rev().find(|at| text.as_bytes()[*at..].starts_with(piece.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{find, rfind};

    #[test]
    fn pieces_are_found_as_the_standard_library_finds_them() {
        for text in ["", "a", "abcabc", "::a::b", "ä→ä"] {
            for piece in ["", "a", "abc", "bc", "::", "x", "abcabcd", "ä", "→"] {
                assert_eq!(find(text.as_bytes(), piece.as_bytes()), text.find(piece), "{text} {piece}");
                assert_eq!(rfind(text, piece), text.rfind(piece), "{text} {piece}");
            }
        }
    }
}
