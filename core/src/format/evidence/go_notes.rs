//! What the Go compiler says under `-gcflags=-m` and `-m=2`: `file:line:col: message`, and under the
//! second, indented, how a value gets to the heap.
//!
//! `-m=2` tells of a place twice, once with the steps and once as `-m` does: that is one note.

use alloc::collections::BTreeMap;

use super::finish;
use crate::error::ParseError;
use crate::evidence::{Evidence, Name, NoteKind, Notes, Site};
use crate::find::{beginning, find, lines, lossy, rfind};
use crate::format::Content;
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

pub(in crate::format) fn detect(bytes: &[u8]) -> u8 {
    let is = |line: &[u8]| {
        let text = lossy(line);
        place(&text).is_some_and(|p| message(p.message).is_some())
    };
    // Each line has to be looked at closely only where it could be one.
    let could = |line: &&[u8]| line.len() < 4096 && find(line, b": ").is_some();
    let lines = || lines(beginning(bytes));
    let mut first = lines().filter(|line| !line.is_empty() && !line.starts_with(b"# ")).take(3).peekable();
    // Nothing but notes: some end like a sample of `perf script`.
    if first.peek().is_some() && first.all(|line| could(&line) && is(line)) {
        return 93;
    }
    if lines().filter(could).take(2000).any(is) { 72 } else { 0 }
}

pub(in crate::format) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut reader = Reader::default();
    for (index, line) in lines(source.bytes).enumerate() {
        let text = lossy(line);
        reader.line(text.trim_end(), Some(Position::Line(index as u64 + 1)));
    }
    let Reader { notes, notices, .. } = reader;
    let list = if notes.is_empty() { None } else { Some(Evidence::Notes(notes)) };
    finish(&source, list.into_iter().collect(), notices)
}

/// A message and the place it is about.
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    message: &'a str,
}

/// Splits `file:line:col: message`; the column may be missing, and the file may hold colons.
fn place(text: &str) -> Option<Place<'_>> {
    let bytes = text.as_bytes();
    let number = |from: usize| {
        let digits = bytes.get(from..)?.iter().take_while(|b| b.is_ascii_digit()).count();
        let value: u32 = text.get(from..from + digits)?.parse().ok()?;
        Some((value, from + digits))
    };
    for (at, _) in text.match_indices(':') {
        let Some((line, end)) = number(at + 1) else { continue };
        let (column, end) = match bytes.get(end) {
            Some(b':') => number(end + 1).unwrap_or((0, end)),
            _ => (0, end),
        };
        if let Some(message) = text.get(end..).and_then(|rest| rest.strip_prefix(": "))
            && at > 0
        {
            return Some(Place { file: text.get(..at)?, line, column, message });
        }
    }
    None
}

/// What a message says.
#[derive(Debug, PartialEq)]
struct Said<'a> {
    kind: NoteKind,
    subject: &'a str,
    function: &'a str,
    reason: &'a str,
}

/// Reads a message; `None` for one that is not known.
fn message(text: &str) -> Option<Said<'_>> {
    let said = |kind, subject| Said { kind, subject, function: "", reason: "" };
    let cut = |piece: &str| {
        let at = find(text.as_bytes(), piece.as_bytes())?;
        Some((text.get(..at)?, text.get(at + piece.len()..)?))
    };
    if let Some(subject) = text.strip_prefix("moved to heap: ") {
        return Some(said(NoteKind::Moved, subject));
    }
    if let Some(rest) = text.strip_prefix("leaking param content: ").or(text.strip_prefix("leaking param: ")) {
        let end = find(rest.as_bytes(), b" to result ").unwrap_or(rest.len());
        return Some(said(NoteKind::Leaks, rest.get(..end)?));
    }
    if let Some(name) = text.strip_prefix("inlining call to ") {
        return Some(said(NoteKind::Inlined, name));
    }
    if let Some(rest) = text.strip_prefix("can inline ") {
        let end = find(rest.as_bytes(), b" with cost ").unwrap_or(rest.len());
        return Some(said(NoteKind::CanInline, rest.get(..end)?));
    }
    if let Some(rest) = text.strip_prefix("cannot inline ") {
        let at = find(rest.as_bytes(), b": ").unwrap_or(rest.len());
        let reason = rest.get(at + 2..).unwrap_or("");
        return Some(Said { reason, ..said(NoteKind::CannotInline, rest.get(..at)?) });
    }
    if text.starts_with("Found Is") {
        return Some(Said { reason: text.get("Found ".len()..)?, ..said(NoteKind::Check, "") });
    }
    if let Some(subject) = text.strip_suffix(" does not escape") {
        return Some(said(NoteKind::Stays, subject));
    }
    if let Some(subject) = text.strip_suffix(" escapes to heap").or(text.strip_suffix(" escapes to heap:")) {
        return Some(said(NoteKind::Escapes, subject));
    }
    let header = text.strip_suffix(':')?;
    // The subject may hold any text, so that its end is the last place that fits.
    if let Some(at) = rfind(header, " escapes to heap in ") {
        let function = header.get(at + " escapes to heap in ".len()..)?;
        return Some(Said { function, ..said(NoteKind::Escapes, header.get(..at)?) });
    }
    if text.starts_with("parameter ")
        && let Some((subject, rest)) = cut(" leaks to ")
    {
        let function = rest.split_once(" for ").map_or("", |(_, name)| name);
        let function = function.split_once(" with derefs=").map_or(function, |(name, _)| name);
        return Some(Said { function, ..said(NoteKind::Leaks, subject.strip_prefix("parameter ")?) });
    }
    None
}

/// The words in brackets at the end of a step: `from &r (address-of) at a.go:1:2` is `address-of`.
pub(super) fn reason(step: &str) -> Option<&str> {
    let step = step.strip_prefix("from ")?;
    let step = rfind(step, ") at ").and_then(|at| step.get(..=at)).unwrap_or(step);
    let inside = step.strip_suffix(')')?;
    inside.get(rfind(inside, "(")? + 1..)
}

#[derive(Default)]
pub(super) struct Reader {
    pub(super) notes: Notes,
    pub(super) notices: Notices,
    /// Notes by kind, place and subject.
    known: BTreeMap<(NoteKind, Name, u32, u32, Name), usize>,
    /// The note whose steps follow.
    open: Option<usize>,
}

impl Reader {
    fn line(&mut self, line: &str, at: Option<Position>) {
        if line.is_empty() {
            return;
        }
        if let Some(package) = line.strip_prefix("# ") {
            self.notes.package(package);
            return;
        }
        let Some(place) = place(line) else {
            self.notices.push(NoticeCode::UnknownRecord, at, "");
            return;
        };
        if place.message.starts_with([' ', '\t']) {
            match self.open {
                Some(note) => self.step(note, place.message.trim_start()),
                None => self.notices.push(NoticeCode::UnknownRecord, at, "a step of no value"),
            }
            return;
        }
        self.open = None;
        match message(place.message) {
            Some(said) => self.open = self.note(&place, &said),
            None => self.notices.push(NoticeCode::UnknownRecord, at, ""),
        }
    }

    fn note(&mut self, place: &Place<'_>, said: &Said<'_>) -> Option<usize> {
        let names = &mut self.notes.names;
        let site = Site {
            file: names.of(place.file),
            line: place.line,
            column: place.column,
            function: names.of(said.function),
            subject: names.of(said.subject),
            kind: said.kind,
            reason: names.of(said.reason),
        };
        self.add(site)
    }

    /// Adds a note, or what it adds to one about the same.
    pub(super) fn add(&mut self, site: Site) -> Option<usize> {
        // What was moved escapes as well, and is told of twice.
        let kind = if site.kind == NoteKind::Moved { NoteKind::Escapes } else { site.kind };
        let key = (kind, site.file, site.line, site.column, site.subject);
        let same = self.known.get(&key).copied();
        if let Some(note) = same {
            if let Some(kind) = self.notes.kind.get_mut(note).filter(|_| site.kind == NoteKind::Moved) {
                *kind = NoteKind::Moved;
            }
            if let Some(function) = self.notes.function.get_mut(note).filter(|f| **f == Name::default()) {
                *function = site.function;
            }
            return Some(note);
        }
        let note = self.notes.push(site)?;
        self.known.insert(key, note);
        Some(note)
    }

    /// Whether a note of the last ones, which are about a place, says that something escapes there.
    pub(super) fn escapes(&self, file: Name, line: u32, column: u32) -> bool {
        let n = &self.notes;
        let places = n.file.iter().zip(&n.line).zip(&n.column).zip(&n.kind).rev();
        let mut here = places.take_while(|(((f, l), c), _)| (**f, **l, **c) == (file, line, column));
        here.any(|(_, kind)| *kind == NoteKind::Escapes)
    }

    /// Adds a step of the way to the heap; the last one that says why is the reason.
    pub(super) fn step(&mut self, note: usize, text: &str) {
        self.notes.step(note, text);
        let escapes = self.notes.kind.get(note).is_some_and(|k| matches!(k, NoteKind::Escapes | NoteKind::Moved));
        if let (Some(reason), true) = (reason(text), escapes) {
            let name = self.notes.names.of(reason);
            if let Some(place) = self.notes.reason.get_mut(note) {
                *place = name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use alloc::vec::Vec;

    fn read(text: &str) -> (Notes, Vec<(NoticeCode, u64)>) {
        let parsed = parse(Source { name: "t", bytes: text.as_bytes() }).unwrap();
        let Content::Evidence(mut list) = parsed.value else { panic!("no evidence") };
        let Evidence::Notes(n) = list.remove(0) else { panic!("no notes") };
        (n, parsed.notices.iter().map(|n| (n.code, n.count)).collect())
    }

    #[track_caller]
    fn check(text: &str, kind: NoteKind, subject: &str, function: &str, why: &str) {
        assert_eq!(message(text), Some(Said { kind, subject, function, reason: why }), "{text}");
    }

    #[test]
    fn messages() {
        check("moved to heap: r", NoteKind::Moved, "r", "", "");
        check("\"a: b\" escapes to heap", NoteKind::Escapes, "\"a: b\"", "", "");
        check("&r escapes to heap in F.func1:", NoteKind::Escapes, "&r", "F.func1", "");
        check("leaking param: p to result ~r0 level=0", NoteKind::Leaks, "p", "", "");
        check("leaking param content: p", NoteKind::Leaks, "p", "", "");
        check("parameter e leaks to {heap} for (*L).F with derefs=0:", NoteKind::Leaks, "e", "(*L).F", "");
        check("can inline F with cost 3 as: func() int { return 1 }", NoteKind::CanInline, "F", "", "");
        check("cannot inline F: unhandled op DEFER", NoteKind::CannotInline, "F", "", "unhandled op DEFER");
        check("inlining call to fmt.Println", NoteKind::Inlined, "fmt.Println", "", "");
        check("s does not escape", NoteKind::Stays, "s", "", "");
        check("Found IsInBounds", NoteKind::Check, "", "", "IsInBounds");
        assert_eq!((message("undefined: x"), message("index bounds check elided")), (None, None));
    }

    #[test]
    fn a_place_told_twice_is_one_note_with_its_steps() {
        let (n, notices) = read(
            "# example/p\n\
             C:\\p\\a.go:18:35: r escapes to heap in F:\n\
             C:\\p\\a.go:18:35:   flow: {heap} ← &r:\n\
             C:\\p\\a.go:18:35:     from &r (address-of) at C:\\p\\a.go:19:39\n\
             C:\\p\\a.go:18:35:     from g(ctx, &r) (call parameter) at C:\\p\\a.go:19:26\n\
             C:\\p\\a.go:18:35: moved to heap: r\n\
             a.go:3: s does not escape\n\
             a.go:4:1: something else\n",
        );
        assert_eq!(notices, [(NoticeCode::UnknownRecord, 1)]);
        let text = |name: Name| n.names.text(name);
        assert_eq!((n.len(), n.kind.as_slice()), (2, &[NoteKind::Moved, NoteKind::Stays][..]));
        assert_eq!((text(n.file[0]), n.line[0], n.column[0]), ("C:\\p\\a.go", 18, 35));
        assert_eq!((text(n.function[0]), text(n.reason[0]), n.chain[0].len()), ("F", "call parameter", 3));
        assert_eq!((n.packages.as_slice(), n.column[1]), (&["example/p".into()] as &[alloc::string::String], 0));
        let report = n.summarize();
        assert_eq!((report.reasons.len(), report.sites.len(), report.sites[0].chain.len()), (1, 1, 3));
    }
}
