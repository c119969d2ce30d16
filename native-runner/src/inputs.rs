//! Paths to bytes: files, folders, archives and standard input.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use noisefloor_core::archive::{self, Aside, Opened, Room};
use noisefloor_core::error::{ParseError, ParseErrorKind};
use noisefloor_core::format::{MAX_INPUT_BYTES, no_result};
use noisefloor_core::log::{Record, decode, looks_like_log};
use noisefloor_core::source::{Position, Source};

use crate::render::printable;

/// Files of one folder that are read at most.
const MAX_FILES: usize = 10_000;
/// What all archives of one command may unpack to.
const MAX_UNPACKED: u64 = 4 << 30;
/// How a line of a log goes on that names a profile.
const PROFILE: &[u8] = b" {\"r\":\"profile\"";

/// One file with its side.
#[derive(Debug)]
pub struct File {
    /// Its path as given.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The folder or archive that it came from, whose files are one side.
    pub side: Option<String>,
}

/// What was gathered, and what could not be.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The files, in order.
    pub files: Vec<File>,
    /// What went wrong, one sentence each with the path.
    pub problems: Vec<String>,
    /// Bytes that archives were unpacked to.
    unpacked: u64,
    /// What of the path being read is no input: why, and its name.
    aside: Vec<(String, String)>,
    /// The folders and archives that were given, each with what lies in it.
    groups: Vec<Group>,
}

/// A folder or archive that was given. Nobody named what lies in it, so that a file there may be none of ours.
#[derive(Debug)]
struct Group {
    path: String,
    /// Its files among all.
    files: Range<usize>,
    /// What of it is no input: why, and its name.
    aside: Vec<(String, String)>,
}

/// Why a file was not read.
#[derive(Debug)]
pub(crate) struct Unread {
    /// The code of its error.
    pub(crate) code: String,
    /// Place and reason, without the name.
    pub(crate) why: String,
}

impl Unread {
    /// Whether the file is no result that could be broken: of no format that is read, or empty.
    fn is_foreign(&self) -> bool {
        [ParseErrorKind::Unrecognized, ParseErrorKind::Unsupported(""), ParseErrorKind::Empty]
            .iter()
            .any(|kind| kind.code() == self.code)
    }
}

/// Names that a line lists at most.
const NAMED: usize = 3;

impl Gathered {
    /// What to say of the files that were not read, a line each, and whether that is a failure; `unread` tells of a
    /// file by its index. What lies in a folder or archive and is no result is left out, which is said once with a
    /// count; that is a failure only where nothing of it was read.
    pub(crate) fn unread(&self, unread: impl Fn(usize) -> Option<Unread>) -> (Vec<String>, bool) {
        let (mut lines, mut failed) = (Vec::new(), false);
        for index in 0..self.files.len() {
            let member = self.groups.iter().any(|group| group.files.contains(&index));
            if let Some(found) = unread(index).filter(|found| !member || !found.is_foreign()) {
                lines.push(format!("{}: {}", self.files[index].name, found.why));
                failed = true;
            }
        }
        for group in &self.groups {
            let foreign = group.files.clone().filter_map(|index| {
                let found = unread(index).filter(Unread::is_foreign)?;
                Some((found.why, inside(&self.files[index].name, &group.path).to_string()))
            });
            let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
            let mut others = group.files.len();
            for (why, name) in foreign {
                by_reason.entry(why).or_default().push(name);
                others -= 1;
            }
            group.aside.iter().for_each(|(why, name)| by_reason.entry(why.clone()).or_default().push(name.clone()));
            for (why, names) in &by_reason {
                lines.push(format!("{}: left out {}: {why}", group.path, counted(names)));
            }
            if others == 0 && !by_reason.is_empty() {
                lines.push(format!("{}: nothing of it was read", group.path));
                failed = true;
            }
        }
        (lines, failed)
    }

    /// Puts aside what lies in a folder or archive and is no result, so that no report holds it as an input.
    pub(crate) fn put_foreign_aside(&mut self) {
        let foreign: Vec<Option<Unread>> = (0..self.files.len())
            .map(|index| {
                let member = self.groups.iter().any(|group| group.files.contains(&index));
                let file = self.files.get(index).filter(|_| member)?;
                no_result(Source { name: &file.name, bytes: &file.bytes }).map(Unread::from)
            })
            .collect();
        let before = |index: usize| foreign.iter().take(index).filter(|f| f.is_none()).count();
        for group in &mut self.groups {
            for index in group.files.clone() {
                if let Some(found) = &foreign[index] {
                    let name = inside(&self.files[index].name, &group.path).to_string();
                    group.aside.push((found.why.clone(), name));
                }
            }
            group.files = before(group.files.start)..before(group.files.end);
        }
        let mut gone = foreign.iter().map(Option::is_some);
        self.files.retain(|_| !gone.next().unwrap_or(false));
    }
}

impl From<ParseError> for Unread {
    fn from(error: ParseError) -> Unread {
        let why = match error.at {
            Some(Position::Line(n)) => format!("line {n}: {}", error.kind),
            Some(Position::Byte(n)) => format!("byte {n}: {}", error.kind),
            None => error.kind.to_string(),
        };
        Unread { code: error.kind.code().to_string(), why }
    }
}

/// The path of a member from its folder or archive on.
fn inside<'n>(name: &'n str, path: &str) -> &'n str {
    name.strip_prefix(path).map_or(name, |rest| rest.trim_start_matches(['/', '\\']))
}

/// How many files, and what some of them are called.
fn counted(names: &[String]) -> String {
    let listed = names.get(..NAMED.min(names.len())).unwrap_or(&[]).join(", ");
    let more = names.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} file{} ({listed}{rest})", names.len(), if names.len() == 1 { "" } else { "s" })
}

/// Reads every path; with `sides`, the files of a folder or archive are joined as one side, unless
/// that is all there is: then its files are the sides.
#[must_use]
pub fn gather(paths: &[String], sides: bool) -> Gathered {
    let mut out = Gathered::default();
    let several = sides && paths.len() > 1;
    for path in paths {
        let before = out.files.len();
        if path == "-" {
            let mut bytes = Vec::new();
            match std::io::stdin().lock().take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes) {
                Ok(_) => add("standard input".into(), bytes, None, several, &mut out),
                Err(e) => out.problems.push(format!("standard input: {e}")),
            }
        } else if Path::new(path).is_dir() {
            for file in list(Path::new(path), &mut out) {
                read(&file, several.then(|| path.clone()), several, &mut out);
            }
            if out.files.len() == before {
                let others = if out.aside.is_empty() { "" } else { ", but links or pipes" };
                out.problems.push(format!("{path}: the folder holds no file{others}"));
            }
        } else {
            read(Path::new(path), None, several, &mut out);
        }
        let files = before..out.files.len();
        let aside = std::mem::take(&mut out.aside);
        // A file that was given itself has the name that was given.
        let given = if path == "-" { "standard input" } else { path };
        if !aside.is_empty() || out.files[files.clone()].iter().any(|file| file.name != given) {
            let aside = aside.into_iter().map(|(why, name)| (why, inside(&name, given).to_string())).collect();
            out.groups.push(Group { path: given.into(), files, aside });
        }
    }
    out
}

/// Adds a file of a side as it is, or what an archive holds. The members of an archive are a side of
/// their own where several paths are given and no folder around it is one. What is left out of an archive is a problem
/// that names the member.
fn add(name: String, bytes: Vec<u8>, side: Option<String>, several: bool, out: &mut Gathered) {
    let mut room = Room { used: out.unpacked, most: MAX_UNPACKED };
    let opened = archive::open(&name, &bytes, &mut room);
    out.unpacked = room.used;
    match opened {
        None => out.files.push(File { name, bytes, side }),
        Some(Ok(Opened::File(bytes))) => out.files.push(File { name, bytes, side }),
        Some(Ok(Opened::Members(members))) => {
            let side = side.or_else(|| several.then(|| name.clone()));
            let file = |(name, bytes)| File { name, bytes, side: side.clone() };
            out.files.extend(members.files.into_iter().map(file));
            out.problems.extend(members.problems.iter().map(|(name, why)| format!("{name}: {}", told(why))));
            out.aside.extend(members.aside.into_iter().map(|(name, what)| (no_file(what).into(), name)));
        }
        Some(Err(why)) => out.problems.push(format!("{name}: {}", told(&why))),
    }
}

/// Why what is no file is left out.
fn no_file(what: Aside) -> &'static str {
    match what {
        Aside::Link => "a link, which is not followed",
        Aside::Special => "a pipe, socket or device",
    }
}

/// What is said of an archive may hold the name of a member.
fn told(why: &archive::ArchiveError) -> String {
    printable(&why.to_string())
}

/// [`gather`], with the profiles that run logs name and that lie beside them.
#[must_use]
pub fn gather_with_profiles(paths: &[String], sides: bool) -> Gathered {
    let mut out = gather(paths, sides);
    let mut wanted: Vec<PathBuf> = Vec::new();
    for file in out.files.iter().filter(|f| f.bytes.split(|b| *b == b'\n').next().is_some_and(looks_like_log)) {
        for line in file.bytes.split(|b| *b == b'\n').filter(|l| l.get(8..).is_some_and(|l| l.starts_with(PROFILE))) {
            let Ok(Record::Profile(profile)) = decode(line) else { continue };
            // A log is a file like any other: it may name what lies beside it, and nothing else.
            let beside = Path::new(&file.name).with_file_name(&profile.file);
            let plain = Path::new(&profile.file).file_name().is_some_and(|n| n == profile.file.as_str());
            let known = out.files.iter().any(|f| Path::new(&f.name) == beside) || wanted.contains(&beside);
            if plain && !known && beside.is_file() && wanted.len() < MAX_FILES {
                wanted.push(beside);
            }
        }
    }
    wanted.iter().for_each(|path| read(path, None, false, &mut out));
    out
}

fn read(path: &Path, side: Option<String>, several: bool, out: &mut Gathered) {
    let name = path.display().to_string();
    let bytes = fs::File::open(path).and_then(|f| {
        // As much room as the file says that it needs, where it says so: growing takes up to twice of it.
        let mut bytes = Vec::new();
        let length = f.metadata().map_or(0, |m| m.len()).min(MAX_INPUT_BYTES);
        bytes.try_reserve_exact(usize::try_from(length).unwrap_or(0))?;
        // A device without end must not fill the memory.
        f.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    match bytes {
        Ok(bytes) => add(name, bytes, side, several, out),
        Err(e) => out.problems.push(format!("{name}: {e}")),
    }
}

/// Regular files under a folder, sorted; links are not followed, and what else is no file is not opened.
fn list(folder: &Path, out: &mut Gathered) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) => {
                out.problems.push(format!("{}: {e}", folder.display()));
                continue;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(e) => {
                    out.problems.push(format!("{}: {e}", folder.display()));
                    continue;
                }
            };
            match entry.file_type() {
                Ok(t) if t.is_dir() => open.push(entry.path()),
                Ok(t) if t.is_file() => files.push(entry.path()),
                Ok(t) => {
                    let what = if t.is_symlink() { Aside::Link } else { Aside::Special };
                    out.aside.push((no_file(what).into(), entry.path().display().to_string()));
                }
                Err(e) => out.problems.push(format!("{}: {e}", entry.path().display())),
            }
            if files.len() > MAX_FILES {
                out.problems.push(format!("{}: more than {MAX_FILES} files", folder.display()));
                files.sort();
                return files;
            }
        }
    }
    files.sort();
    files
}
