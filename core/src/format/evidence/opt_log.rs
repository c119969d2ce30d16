//! The Go compiler's optimisation log (`-gcflags=-json=0,DIR`): a line about the file, then one JSON
//! object a note.

use alloc::string::String;

use super::finish;
use super::go_notes::Reader;
use crate::error::{ParseError, ParseErrorKind};
use crate::evidence::{Evidence, Name, NoteKind, Site};
use crate::find::{beginning, find, lines};
use crate::format::{Content, holds};
use crate::json::{Value, document};
use crate::source::{NoticeCode, Parsed, Position, Source};

/// The newest version of the log that is read.
const VERSION: u64 = 0;

pub(in crate::format) fn detect(bytes: &[u8]) -> u8 {
    let first = lines(beginning(bytes)).next().unwrap_or(&[]);
    if holds(first, &["^{", "\"version\"", "\"package\"", "\"gc_version\""]) { 92 } else { 0 }
}

pub(in crate::format) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut reader = Reader::default();
    let mut file = Name::default();
    let mut lines = lines(source.bytes).enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let at = Some(Position::Line(index as u64 + 1));
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Ok(value) = document(line) else {
            let code = if lines.peek().is_none() { NoticeCode::Truncated } else { NoticeCode::BrokenLine };
            reader.notices.push(code, at, "");
            continue;
        };
        let [version, package, compiler, name] = value.fields(&["version", "package", "gc_version", "file"]);
        if version.is_there() {
            if let Some(found) = version.count().filter(|v| *v > VERSION) {
                let kind = ParseErrorKind::UnsupportedVersion { found, newest: VERSION };
                return Err(ParseError::new(&source, at, kind));
            }
            reader.notes.package(&package.text());
            reader.notes.compiler = compiler.text().chars().take(240).collect();
            file = reader.notes.names.of(&name.text());
        } else if !note(&mut reader, file, value) {
            reader.notices.push(NoticeCode::UnknownRecord, at, "");
        }
    }
    let Reader { notes, notices, .. } = reader;
    let list = if notes.is_empty() { None } else { Some(Evidence::Notes(notes)) };
    finish(&source, list.into_iter().collect(), notices)
}

/// Takes a note; whether its kind is known.
fn note(reader: &mut Reader, file: Name, value: Value<'_>) -> bool {
    let [range, code, message, steps] = value.fields(&["range", "code", "message", "relatedInformation"]);
    let [line, column] = range.at("start").fields(&["line", "character"]);
    let (code, message) = (code.text(), message.text());
    let number = |value: Value<'_>| value.count().map_or(0, |n| n.min(u64::from(u32::MAX)) as u32);
    let (kind, subject, reason) = match code.as_str() {
        // Once more what was explained before.
        "escape" if message.is_empty() && reader.escapes(file, number(line), number(column)) => return true,
        "escapes" | "escape" => (NoteKind::Escapes, message.strip_suffix(" escapes to heap").unwrap_or(&message), ""),
        "leak" => (NoteKind::Leaks, parameter(&message), ""),
        "canInlineFunction" => (NoteKind::CanInline, "", ""),
        "cannotInlineFunction" => (NoteKind::CannotInline, "", message.as_str()),
        "inlineCall" => (NoteKind::Inlined, message.as_str(), ""),
        "isInBounds" | "isSliceInBounds" | "nilcheck" => (NoteKind::Check, "", code.as_str()),
        "copy" => (NoteKind::Copy, "", message.as_str()),
        _ => return false,
    };
    let names = &mut reader.notes.names;
    let site = Site {
        file,
        line: number(line),
        column: number(column),
        function: Name::default(),
        subject: names.of(subject),
        kind,
        reason: names.of(reason),
    };
    if let Some(note) = reader.add(site) {
        for step in steps.items() {
            let text: String = step.at("message").text();
            reader.step(note, text.strip_prefix("escflow:").unwrap_or(&text).trim_start());
        }
    }
    true
}

/// The name in `parameter ctx leaks to {heap} with derefs=0`.
fn parameter(message: &str) -> &str {
    let rest = message.strip_prefix("parameter ").unwrap_or(message);
    find(rest.as_bytes(), b" leaks to ").and_then(|at| rest.get(..at)).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    const LOG: &str = concat!(
        r#"{"version":0,"package":"p","goos":"linux","goarch":"amd64","gc_version":"go1.27.3","file":"p/a.go"}"#,
        "\n",
        r#"{"range":{"start":{"line":18,"character":35}},"severity":3,"code":"escapes","message":"r escapes to heap","relatedInformation":[{"message":"escflow:    flow: {heap} ← \u0026r:"},{"message":"escflow:      from \u0026r (interface-converted)"}]}"#,
        "\n",
        r#"{"range":{"start":{"line":18,"character":35}},"code":"escape","message":""}"#,
        "\n",
        r#"{"range":{"start":{"line":9,"character":2}},"code":"cannotInlineFunction","message":"cost 90 exceeds budget 80"}"#,
        "\n",
        r#"{"range":{"start":{"line":9,"character":2}},"code":"later","message":""}"#,
        "\n{\"range\":",
    );

    #[test]
    fn notes_have_their_place_and_their_steps() {
        assert_eq!(detect(LOG.as_bytes()), 92);
        let parsed = parse(Source { name: "t", bytes: LOG.as_bytes() }).unwrap();
        let Content::Evidence(list) = parsed.value else { panic!("no evidence") };
        let [Evidence::Notes(n)] = list.as_slice() else { panic!("{list:?}") };
        let text = |name: Name| n.names.text(name);
        assert_eq!((n.compiler.as_str(), n.packages.len(), n.len()), ("go1.27.3", 1, 2));
        assert_eq!((text(n.file[0]), n.line[0], text(n.subject[0])), ("p/a.go", 18, "r"));
        assert_eq!((text(n.reason[0]), text(n.chain[0][0])), ("interface-converted", "flow: {heap} ← &r:"));
        assert_eq!((n.kind[1], text(n.reason[1])), (NoteKind::CannotInline, "cost 90 exceeds budget 80"));
        let codes: alloc::vec::Vec<NoticeCode> = parsed.notices.iter().map(|n| n.code).collect();
        assert_eq!(codes, [NoticeCode::UnknownRecord, NoticeCode::Truncated]);
        let later = LOG.replace("\"version\":0", "\"version\":3");
        let error = parse(Source { name: "t", bytes: later.as_bytes() }).unwrap_err();
        assert_eq!(error.kind.code(), "unsupported-version");
    }
}
