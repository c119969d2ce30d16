//! Names of the kernel's functions, where it tells them.

use super::encode::Line;
use super::samples::{MappingKey, SeenMapping};

/// The name profilers agree on for the kernel's own code.
const KERNEL: &str = "[kernel.kallsyms]";

/// Where kernel addresses begin on every 64-bit system.
const START: u64 = 1 << 63;

/// The one mapping all kernel addresses belong to.
pub(super) fn mapping() -> SeenMapping {
    let key = MappingKey { path: KERNEL.to_owned(), device: (0, 0), inode: 0, file_offset: START };
    SeenMapping { key, start: START, length: u64::MAX - START }
}

/// Whether a mapping is the kernel's.
pub(super) fn is_kernel(path: &str) -> bool {
    path == KERNEL
}

/// Functions by address, ascending. Empty when the kernel hides its addresses.
pub(super) struct Symbols(Vec<(u64, String)>);

impl Symbols {
    /// Reads the kernel's list; without the privilege all its addresses are 0 and the result is empty.
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string("/proc/kallsyms").unwrap_or_default();
        let mut rows: Vec<(u64, String)> = text.lines().filter_map(parse).collect();
        rows.sort();
        Self(rows)
    }

    /// The function around an address, or `[kernel]`.
    pub(super) fn line(&self, address: u64) -> Line {
        let after = self.0.partition_point(|&(start, _)| start <= address);
        let name = after.checked_sub(1).and_then(|index| self.0.get(index)).map_or("[kernel]", |(_, name)| name);
        Line { function: name.to_owned(), linkage_name: name.to_owned(), ..Line::default() }
    }
}

/// `address type name [module]`; only code with a known address counts.
fn parse(row: &str) -> Option<(u64, String)> {
    let mut words = row.split_ascii_whitespace();
    let address = u64::from_str_radix(words.next()?, 16).ok().filter(|&address| address != 0)?;
    let code = matches!(words.next()?, "t" | "T" | "w" | "W");
    let name = words.next()?;
    code.then(|| (address, name.to_owned()))
}
