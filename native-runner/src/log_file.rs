//! The run log on disk: append-only, one system call a record, never overwritten.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use noisefloor_core::log::{Header, Record, decode, encode, whole_lines};

use crate::sys;

/// Code of the note that a run which may end after any block goes on beyond what was planned.
pub(crate) const EXTENDED: &str = "extended";

/// A log being written.
///
/// A killed process loses no record that was written; a power cut loses at most those since the
/// last [`sync`](LogFile::sync). Appending costs about 1 µs plus 1 ns a byte.
#[derive(Debug)]
pub struct LogFile {
    file: File,
    path: PathBuf,
}

/// What a log holds already.
#[derive(Debug, Default)]
pub struct Written {
    /// Its header, with the blocks that it was extended to.
    pub header: Header,
    /// Blocks that were closed in order, ascending.
    pub closed: Vec<i64>,
    /// The next free fork number.
    pub next_fork: u32,
    /// The latest moment that a record states.
    pub last_t: u64,
    /// Whether it says that it is complete.
    pub complete: bool,
}

impl Written {
    /// How many timed blocks are closed.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        self.closed.iter().filter(|b| **b >= 0).count() as u32
    }
}

impl LogFile {
    /// Makes a new log.
    ///
    /// # Errors
    /// When the file exists (nothing measured is ever overwritten) or cannot be made.
    pub fn create(path: &Path) -> io::Result<LogFile> {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        lock(&file)?;
        Ok(LogFile { file, path: path.to_path_buf() })
    }

    /// Opens a log to go on with it; a torn last record is cut off.
    ///
    /// # Errors
    /// When it cannot be read or is no log.
    pub fn resume(path: &Path) -> io::Result<(LogFile, Written)> {
        let mut file = OpenOptions::new().read(true).append(true).open(path)?;
        lock(&file)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let kept = whole_lines(&bytes);
        let written = scan(bytes.get(..kept).unwrap_or(&[]))
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "this is no run log with a header"))?;
        file.set_len(kept as u64)?;
        file.seek(SeekFrom::End(0))?;
        Ok((LogFile { file, path: path.to_path_buf() }, written))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the system refuses: the disk is full, the file system is gone.
    pub fn append(&self, record: &Record) -> io::Result<()> {
        let before = self.file.metadata()?.len();
        sys::write_once(self.file.as_fd(), &encode(record)).inspect_err(|_| {
            // Half a record would spoil the next one, should there be room again. Where even this is refused a
            // reader finds a torn line, which it knows.
            let _ = self.file.set_len(before);
        })
    }

    /// Has the system put everything on the disk; 1 to 20 ms, so between blocks only.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Two writers would mix their blocks.
fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process is writing this log"))
        }
        // A file system without locks is no reason not to measure.
        _ => Ok(()),
    }
}

/// Reads what matters for going on; `None` without a header.
fn scan(bytes: &[u8]) -> Option<Written> {
    let mut written = Written::default();
    let (mut header, mut extended) = (None, None);
    for record in bytes.split(|b| *b == b'\n').filter_map(|line| decode(line).ok()) {
        let mut at = |t: u64| written.last_t = written.last_t.max(t);
        match record {
            Record::Header(found) if header.is_none() => header = Some(found),
            Record::Fork(fork) => {
                at(fork.t);
                written.next_fork = written.next_fork.max(fork.f.saturating_add(1));
            }
            Record::Exit(exit) => at(exit.t),
            Record::Block(block) => {
                at(block.t);
                if block.ok {
                    written.closed.push(block.b);
                }
            }
            Record::Note(note) if note.code == EXTENDED => {
                written.complete = false;
                extended = note.blocks.or(extended);
            }
            Record::End(end) => written.complete = !end.interrupted,
            _ => {}
        }
    }
    written.closed.sort_unstable();
    written.closed.dedup();
    written.header = header?;
    let plan = &mut written.header.plan;
    plan.blocks = extended.map_or(plan.blocks, |blocks| blocks.max(plan.blocks));
    Some(written)
}

/// The first of `STEM.jsonl`, `STEM-2.jsonl`, … that does not exist in a folder.
///
/// # Errors
/// When a thousand of them exist.
pub fn free_name(folder: &Path, stem: &str) -> io::Result<PathBuf> {
    let clean: String = stem
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .take(80)
        .collect();
    let clean = clean.trim_matches(['-', '.']);
    let clean = if clean.is_empty() { "run" } else { clean };
    (1..1000)
        .map(|i| folder.join(if i == 1 { format!("{clean}.jsonl") } else { format!("{clean}-{i}.jsonl") }))
        .find(|p| !p.exists())
        .ok_or_else(|| {
            io::Error::new(io::ErrorKind::AlreadyExists, "a thousand logs of this name exist; name one with -o")
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use noisefloor_core::log::{Block, ForkRecord};

    #[test]
    fn a_torn_log_is_continued_behind_its_last_whole_record() {
        let folder = std::env::temp_dir().join(format!("noisefloor-log-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.jsonl");
        let log = LogFile::create(&path).unwrap();
        assert_eq!(LogFile::create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        log.append(&Record::Header(Header { v: 1, seed: 7, ..Header::default() })).unwrap();
        log.append(&Record::Fork(ForkRecord { f: 4, t: 50, ..ForkRecord::default() })).unwrap();
        log.append(&Record::Block(Block { b: 0, t: 90, ok: true, why: None })).unwrap();
        log.sync().unwrap();
        drop(log);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], b"0123abcd {\"r\":\"fo"].concat()).unwrap();
        let (log, written) = LogFile::resume(&path).unwrap();
        assert_eq!((written.header.seed, written.next_fork, written.last_t), (7, 5, 90));
        assert_eq!(written.closed, [0]);
        log.append(&Record::Block(Block { b: 1, ok: true, ..Block::default() })).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            bytes.starts_with(&whole)
                && bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).all(|l| decode(l).is_ok())
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
