//! Paths to bytes: files, folders, archives and standard input.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use noisefloor_core::format::MAX_INPUT_BYTES;
use noisefloor_core::log::{Record, decode, looks_like_log};

use crate::archive;

/// Files of one folder that are read at most.
const MAX_FILES: usize = 10_000;
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
    pub(crate) unpacked: u64,
}

/// Reads every path; with `sides`, the files of a folder or archive are joined as one side, unless
/// that is all there is: then its files are the sides.
#[must_use]
pub fn gather(paths: &[String], sides: bool) -> Gathered {
    let mut out = Gathered::default();
    let several = sides && paths.len() > 1;
    for path in paths {
        if path == "-" {
            let mut bytes = Vec::new();
            match std::io::stdin().lock().take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes) {
                Ok(_) => add("standard input".into(), bytes, None, several, &mut out),
                Err(e) => out.problems.push(format!("standard input: {e}")),
            }
        } else if Path::new(path).is_dir() {
            let before = out.files.len();
            for file in list(Path::new(path), &mut out.problems) {
                read(&file, several.then(|| path.clone()), several, &mut out);
            }
            if out.files.len() == before {
                out.problems.push(format!("{path}: the folder holds no file"));
            }
        } else {
            read(Path::new(path), None, several, &mut out);
        }
    }
    out
}

/// Adds a file of a side as it is, or what an archive holds. The members of an archive are a side of
/// their own where several paths are given and no folder around it is one.
fn add(name: String, bytes: Vec<u8>, side: Option<String>, several: bool, out: &mut Gathered) {
    let members = side.clone().or_else(|| several.then(|| name.clone()));
    archive::add(name, bytes, (side, members), out);
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
        let mut bytes = Vec::new();
        // A device without end must not fill the memory.
        f.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    match bytes {
        Ok(bytes) => add(name, bytes, side, several, out),
        Err(e) => out.problems.push(format!("{name}: {e}")),
    }
}

/// Regular files under a folder, sorted; links are not followed.
fn list(folder: &Path, problems: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) => {
                problems.push(format!("{}: {e}", folder.display()));
                continue;
            }
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(t) if t.is_dir() => open.push(entry.path()),
                Ok(t) if t.is_file() => files.push(entry.path()),
                _ => {}
            }
            if files.len() > MAX_FILES {
                problems.push(format!("{}: more than {MAX_FILES} files", folder.display()));
                files.sort();
                return files;
            }
        }
    }
    files.sort();
    files
}
