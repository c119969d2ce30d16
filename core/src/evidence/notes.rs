//! A compiler's notes on escapes and inlining, as columns.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::evidence::{MAX_ROWS, Name, Names};
use crate::map::Named;
use crate::report::{KindCount, NotesReport, ReasonCount, SiteReport};
use crate::sort::sort_by;

/// Steps of a chain that are kept; a longer one says so by its last.
pub const MAX_CHAIN: usize = 64;
/// Steps of all chains together.
const MAX_STEPS: usize = 8_000_000;
/// Reasons of one kind that the report names.
const TOP_REASONS: usize = 10;
/// Places of each kind that the report names.
const TOP_SITES: usize = 20;

/// What a note says of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// A variable was moved to the heap.
    Moved,
    /// A value is allocated on the heap.
    Escapes,
    /// What a parameter points to may be kept beyond the call.
    Leaks,
    /// A value stays on the stack.
    Stays,
    /// A function may be inlined.
    CanInline,
    /// A function may not; the reason says why.
    CannotInline,
    /// A call was inlined.
    Inlined,
    /// A check of bounds or of nil stays in the code.
    Check,
    /// A large value is copied.
    Copy,
}

impl NoteKind {
    /// Every kind, the costly ones first.
    pub const ALL: [NoteKind; 9] = [
        NoteKind::Moved,
        NoteKind::Escapes,
        NoteKind::Leaks,
        NoteKind::CannotInline,
        NoteKind::Check,
        NoteKind::Copy,
        NoteKind::Stays,
        NoteKind::CanInline,
        NoteKind::Inlined,
    ];

    /// Stable `snake_case` id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            NoteKind::Moved => "moved_to_heap",
            NoteKind::Escapes => "escapes_to_heap",
            NoteKind::Leaks => "leaking_param",
            NoteKind::Stays => "does_not_escape",
            NoteKind::CanInline => "can_inline",
            NoteKind::CannotInline => "cannot_inline",
            NoteKind::Inlined => "inlining_call",
            NoteKind::Check => "check",
            NoteKind::Copy => "copy",
        }
    }
}

/// A note on its way into the columns.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The file as the compiler names it.
    pub file: Name,
    /// Its line, from 1.
    pub line: u32,
    /// The column, from 1; 0 where none is given.
    pub column: u32,
    /// The function that it is in; empty where the compiler does not say.
    pub function: Name,
    /// What it is about: a variable, an expression, a function.
    pub subject: Name,
    /// What is said.
    pub kind: NoteKind,
    /// Why; empty where the compiler does not say.
    pub reason: Name,
}

/// Notes, struct of arrays: one entry for each place and kind, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// The texts.
    pub names: Names,
    /// Packages, in the order in which they were met, at most 1000.
    pub packages: Vec<String>,
    /// The compiler's version, where it says.
    pub compiler: String,
    /// Of each note the file.
    pub file: Vec<Name>,
    /// Its line, from 1.
    pub line: Vec<u32>,
    /// Its column, from 1; 0 for none.
    pub column: Vec<u32>,
    /// The function that it is in, or none.
    pub function: Vec<Name>,
    /// What it is about.
    pub subject: Vec<Name>,
    /// What is said.
    pub kind: Vec<NoteKind>,
    /// Why, or nothing.
    pub reason: Vec<Name>,
    /// The `flow` and `from` steps of each, in order.
    pub chain: Vec<Vec<Name>>,
    /// Rows and steps that the limits left out.
    pub left_out: u64,
    steps: usize,
}

impl Notes {
    /// How many notes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.line.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// Adds a note; its place, or `None` beyond the limit.
    pub(crate) fn push(&mut self, site: Site) -> Option<usize> {
        if self.len() >= MAX_ROWS {
            self.left_out += 1;
            return None;
        }
        self.file.push(site.file);
        self.line.push(site.line);
        self.column.push(site.column);
        self.function.push(site.function);
        self.subject.push(site.subject);
        self.kind.push(site.kind);
        self.reason.push(site.reason);
        self.chain.push(Vec::new());
        Some(self.len() - 1)
    }

    /// Adds a step to the chain of a note.
    pub(crate) fn step(&mut self, note: usize, text: &str) {
        let Some(chain) = self.chain.get_mut(note) else { return };
        if chain.len() >= MAX_CHAIN || self.steps >= MAX_STEPS {
            self.left_out += 1;
            return;
        }
        let name = self.names.of(text);
        chain.push(name);
        self.steps += 1;
    }

    /// Names a package.
    pub(crate) fn package(&mut self, name: &str) {
        if self.packages.len() < 1000 && self.packages.last().is_none_or(|last| last != name) {
            self.packages.push(name.chars().take(240).collect());
        }
    }

    /// What the report says of them.
    #[must_use]
    pub fn summarize(&self) -> NotesReport {
        let of = |kind: NoteKind| self.kind.iter().enumerate().filter(move |(_, k)| **k == kind).map(|(i, _)| i);
        let kinds = NoteKind::ALL
            .into_iter()
            .map(|kind| KindCount { kind: String::from(kind.code()), count: of(kind).count() as u64 })
            .filter(|k| k.count > 0)
            .collect();
        let mut reasons = Vec::new();
        let mut sites = Vec::new();
        for kind in [NoteKind::Moved, NoteKind::Escapes, NoteKind::CannotInline] {
            let mut counts: Named<(String, u64)> = Named::new();
            for i in of(kind) {
                let reason = self.reason.get(i).map_or("", |r| self.names.text(*r));
                if !reason.is_empty() {
                    let group = without_numbers(reason);
                    counts.of(&group, || (group.clone(), 0)).1 += 1;
                }
            }
            let mut list = counts.into_values();
            sort_by(&mut list, &mut |a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
            list.truncate(TOP_REASONS);
            reasons.extend(list.into_iter().map(|(reason, count)| ReasonCount {
                kind: String::from(kind.code()),
                reason,
                count,
            }));
            // What no function can be told about is not worth a place in a list.
            if kind != NoteKind::CannotInline {
                sites.extend(of(kind).take(TOP_SITES).map(|i| self.site(i)));
            }
        }
        NotesReport {
            compiler: self.compiler.clone(),
            packages: self.packages.clone(),
            notes: self.len() as u64,
            kinds,
            reasons,
            sites,
        }
    }

    fn site(&self, i: usize) -> SiteReport {
        let text = |list: &[Name]| list.get(i).map_or("", |n| self.names.text(*n)).to_string();
        SiteReport {
            kind: self.kind.get(i).map_or("", |k| k.code()).to_string(),
            file: text(&self.file),
            line: self.line.get(i).copied().unwrap_or(0),
            column: self.column.get(i).copied().unwrap_or(0),
            function: text(&self.function),
            subject: text(&self.subject),
            reason: text(&self.reason),
            chain: self
                .chain
                .get(i)
                .map_or(&[][..], Vec::as_slice)
                .iter()
                .map(|n| self.names.text(*n).to_string())
                .collect(),
        }
    }
}

/// A reason with its numbers as `N`, so that equal reasons of different cost count together.
fn without_numbers(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len());
    let mut in_number = false;
    for c in reason.chars() {
        let digit = c.is_ascii_digit();
        if digit && !in_number {
            out.push('N');
        } else if !digit {
            out.push(c);
        }
        in_number = digit;
    }
    out
}
