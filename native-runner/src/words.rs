//! Command lines to words, as POSIX shells split them, without anything else that shells do.

/// A command line that cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsError {
    /// A quote without its end.
    OpenQuote(char),
    /// A backslash at the end.
    OpenEscape,
    /// No word at all.
    Empty,
}

impl std::fmt::Display for WordsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WordsError::OpenQuote(quote) => write!(f, "a {quote} quote without its end"),
            WordsError::OpenEscape => f.write_str("a backslash at the end"),
            WordsError::Empty => f.write_str("an empty command"),
        }
    }
}

/// Splits a command line: blanks separate, quotes and backslashes protect. Variables, patterns,
/// pipes and redirections are ordinary characters (`--shell` is for those).
///
/// # Errors
/// When a quote or an escape is open at the end, or there is no word.
pub fn split(line: &str) -> Result<Vec<String>, WordsError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\\' => match rest.next() {
                Some('\n') => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
                None => return Err(WordsError::OpenEscape),
            },
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next() {
                        Some('\'') => break,
                        Some(inner) => word.push(inner),
                        None => return Err(WordsError::OpenQuote('\'')),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next() {
                        Some('"') => break,
                        Some('\\') => match rest.next() {
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                            Some('\n') => {}
                            Some(other) => word.extend(['\\', other]),
                            None => return Err(WordsError::OpenQuote('"')),
                        },
                        Some(inner) => word.push(inner),
                        None => return Err(WordsError::OpenQuote('"')),
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if words.is_empty() { Err(WordsError::Empty) } else { Ok(words) }
}

/// Words as a command line that [`split`] takes apart again.
#[must_use]
pub fn join(words: &[String]) -> String {
    let plain = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_alphanumeric() || "-_./=:,+@%".contains(c));
    let quoted = words.iter().map(|w| if plain(w) { w.clone() } else { format!("'{}'", w.replace('\'', "'\\''")) });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_in_a_shell() {
        let check =
            |line: &str, words: &[&str]| assert_eq!(split(line).as_deref(), Ok(&words.map_owned()[..]), "{line}");
        check("a  b\tc", &["a", "b", "c"]);
        check("a 'b c' \"d \\\" e\"", &["a", "b c", "d \" e"]);
        check("a\\ b ''", &["a b", ""]);
        check("x'y'\"z\" \"\\n\"", &["xyz", "\\n"]);
        check("echo $HOME | wc", &["echo", "$HOME", "|", "wc"]);
        assert_eq!(split(" "), Err(WordsError::Empty));
        assert_eq!(split("a 'b"), Err(WordsError::OpenQuote('\'')));
        assert_eq!(split("a \\"), Err(WordsError::OpenEscape));
        for words in [&["a", "b c", "", "it's", "ü*$"][..], &["x"]] {
            let words = words.map_owned();
            assert_eq!(split(&join(&words)), Ok(words));
        }
    }

    trait MapOwned {
        fn map_owned(&self) -> Vec<String>;
    }
    impl MapOwned for [&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(ToString::to_string).collect()
        }
    }
}
