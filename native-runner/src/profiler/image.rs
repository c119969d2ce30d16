//! Executable files: where their code belongs, how to unwind it, what it is called.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use addr2line::gimli::{self, EndianSlice, RunTimeEndian};
use object::{
    Object, ObjectSection, ObjectSegment, ObjectSymbol, ReadCache, ReadRef, SegmentFlags, SymbolKind, elf::PF_X,
};

use super::encode::Line;

/// Executable pieces of a file. Others are left out because pieces share pages of the file, and the page of code a
/// mapping begins in may begin with data that belongs elsewhere in memory. File offset, length, address the file states.
#[derive(Clone, Debug, Default)]
pub(super) struct Segments(Vec<(u64, u64, u64)>);

impl Segments {
    fn of<'d, R: ReadRef<'d>>(file: &object::File<'d, R>) -> Self {
        let executable = |flags| matches!(flags, SegmentFlags::Elf { p_flags } if p_flags & PF_X != 0);
        let rows = file.segments().filter(|segment| executable(segment.flags())).map(|segment| {
            let (offset, length) = segment.file_range();
            (offset, length, segment.address())
        });
        Self(rows.collect())
    }

    /// The stated address of a file offset. Mappings begin on page borders, so the page a segment begins in belongs
    /// to it where no other segment claims it.
    pub(super) fn address_of(&self, offset: u64) -> Option<u64> {
        let inside = |&&(start, length, _): &&(u64, u64, u64)| offset >= start && offset - start < length;
        let same_page =
            |&&(start, length, _): &&(u64, u64, u64)| length > 0 && offset < start && start - offset < 65536;
        let &(start, _, address) = self.0.iter().find(inside).or_else(|| self.0.iter().find(same_page))?;
        Some(address.wrapping_add(offset.wrapping_sub(start)))
    }
}

/// A section's address range and bytes.
type Section = (Range<u64>, Arc<[u8]>);

/// What the unwinder needs of a file.
pub(super) struct UnwindTables {
    pub(super) segments: Segments,
    pub(super) base: u64,
    pub(super) text: Option<Range<u64>>,
    pub(super) got: Option<Range<u64>>,
    pub(super) eh_frame: Option<Section>,
    pub(super) eh_frame_hdr: Option<Section>,
    pub(super) debug_frame: Option<Arc<[u8]>>,
}

/// Reads the call frame tables of a file; `None` when there are none or the file cannot be read.
pub(super) fn unwind_tables(path: &str) -> Option<UnwindTables> {
    match Source::open(path)? {
        Source::File(cache) => read_tables(&cache),
        Source::Memory(bytes) => read_tables(bytes.as_slice()),
    }
}

fn read_tables<'d, R: ReadRef<'d>>(data: R) -> Option<UnwindTables> {
    let file = object::File::parse(data).ok()?;
    let range = |name: &str| file.section_by_name(name).map(|s| s.address()..s.address().saturating_add(s.size()));
    let bytes = |name: &str| -> Option<Arc<[u8]>> {
        let data = file.section_by_name(name)?.uncompressed_data().ok()?;
        (!data.is_empty()).then(|| data.into())
    };
    let eh_frame = range(".eh_frame").zip(bytes(".eh_frame"));
    let debug_frame = if eh_frame.is_none() { bytes(".debug_frame") } else { None };
    if eh_frame.is_none() && debug_frame.is_none() {
        return None;
    }
    Some(UnwindTables {
        segments: Segments::of(&file),
        base: file.segments().map(|segment| segment.address()).min().unwrap_or(0),
        text: range(".text"),
        got: range(".got"),
        eh_frame_hdr: range(".eh_frame_hdr").zip(bytes(".eh_frame_hdr")),
        eh_frame,
        debug_frame,
    })
}

/// What is known of a file's code.
#[derive(Debug, Default)]
pub(super) struct Symbolised {
    pub(super) build_id: String,
    /// One row an offset asked for: the calls at it, innermost first; empty where nothing is known.
    pub(super) lines: Vec<Vec<Line>>,
    /// One flag an offset: inside the few instructions at the program's entry point.
    pub(super) at_entry: Vec<bool>,
}

/// Names the code at the given file offsets; `None` when the file cannot be read.
pub(super) fn symbolise(path: &str, offsets: &[u64]) -> Option<Symbolised> {
    match Source::open(path)? {
        Source::File(cache) => read_symbols(&cache, Path::new(path), offsets),
        Source::Memory(bytes) => read_symbols(bytes.as_slice(), Path::new(path), offsets),
    }
}

fn read_symbols<'d, R: ReadRef<'d>>(data: R, path: &Path, offsets: &[u64]) -> Option<Symbolised> {
    let file = object::File::parse(data).ok()?;
    let segments = Segments::of(&file);
    let entry = file.entry();
    let addresses: Vec<Option<u64>> = offsets.iter().map(|&offset| segments.address_of(offset)).collect();
    let mut table = Table::default();
    table.extend(&file);
    let mut lines = vec![Vec::new(); offsets.len()];
    let debug = if file.section_by_name(".debug_info").is_some() { None } else { debug_file(&file, path) };
    match debug.as_ref().and_then(|cache| object::File::parse(cache).ok()) {
        Some(debug) => {
            table.extend(&debug);
            table.sort();
            resolve(&debug, &table, &addresses, &mut lines);
        }
        None => {
            table.sort();
            resolve(&file, &table, &addresses, &mut lines);
        }
    }
    Some(Symbolised {
        build_id: file.build_id().ok().flatten().map(hex).unwrap_or_default(),
        lines,
        at_entry: addresses.iter().map(|a| a.is_some_and(|a| entry != 0 && a >= entry && a - entry < 64)).collect(),
    })
}

fn resolve<'d, R: ReadRef<'d>>(
    file: &object::File<'d, R>,
    table: &Table,
    addresses: &[Option<u64>],
    lines: &mut [Vec<Line>],
) {
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let section = |id: gimli::SectionId| -> Result<Cow<'d, [u8]>, gimli::Error> {
        Ok(file.section_by_name(id.name()).and_then(|s| s.uncompressed_data().ok()).unwrap_or_default())
    };
    let sections = gimli::DwarfSections::load(section).unwrap_or_default();
    let dwarf = sections.borrow(|bytes| EndianSlice::new(bytes, endian));
    let context = addr2line::Context::from_dwarf(dwarf).ok();
    for (row, address) in lines.iter_mut().zip(addresses) {
        let Some(address) = *address else { continue };
        let symbol = table.find(address);
        if let Some(context) = &context {
            row.extend(from_debug_info(context, address, symbol));
        }
        if row.is_empty() {
            row.extend(symbol.map(|name| line(name, None)));
        }
    }
}

fn from_debug_info(
    context: &addr2line::Context<EndianSlice<'_, RunTimeEndian>>,
    address: u64,
    symbol: Option<&str>,
) -> Vec<Line> {
    let mut rows: Vec<Option<Line>> = Vec::new();
    let mut place = None;
    let Ok(mut frames) = context.find_frames(address).skip_all_loads() else { return Vec::new() };
    while let Ok(Some(frame)) = frames.next() {
        place = frame.location.map(|place| (place.file.unwrap_or_default(), place.line.unwrap_or(0)));
        rows.push(frame.function.and_then(|function| {
            let name = function.raw_name().ok()?;
            Some(at_place(line(&name, function.language), place))
        }));
    }
    // Assembly has lines without functions, and names may be kept in a file that is not here: the symbol names the
    // outermost function, inlined ones stay unknown.
    if let Some(outermost @ None) = rows.last_mut() {
        *outermost = symbol.map(|name| at_place(line(name, None), place));
    }
    // Reduced debug information has names without their path; that of the symbol is whole.
    if let (Some(Some(outermost)), Some(symbol)) = (rows.last_mut(), symbol) {
        let whole = readable(symbol, None);
        let bare = outermost.function.split('<').next().unwrap_or_default();
        let mangled = outermost.linkage_name.starts_with("_R") || outermost.linkage_name.starts_with("_Z");
        if !mangled && !bare.is_empty() && whole.ends_with(&format!("::{bare}")) {
            *outermost = at_place(line(symbol, None), place);
        }
    }
    rows.into_iter().flatten().collect()
}

fn at_place(row: Line, place: Option<(&str, u32)>) -> Line {
    let (file, line) = place.unwrap_or_default();
    Line { file: file.to_owned(), line, ..row }
}

fn line(name: &str, language: Option<gimli::DwLang>) -> Line {
    Line { function: readable(name, language), linkage_name: name.to_owned(), file: String::new(), line: 0 }
}

/// The name as the source has it: demangled, without the hashes by which the Rust compiler tells crates apart.
pub(super) fn readable(name: &str, language: Option<gimli::DwLang>) -> String {
    let plain = addr2line::demangle_auto(Cow::Borrowed(name), language);
    if name.starts_with("_R") {
        return without_crate_hashes(&plain);
    }
    match plain.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => path.to_owned(),
        _ => plain.into_owned(),
    }
}

/// `core[5a2f…]::fmt` becomes `core::fmt`; slices and arrays stay.
fn without_crate_hashes(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let hash = after
            .split_once(']')
            .filter(|(inner, _)| inner.len() >= 8 && inner.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match hash {
            Some((_, behind)) => rest = behind,
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

/// Functions of the symbol tables: address, size, name.
#[derive(Default)]
struct Table(Vec<(u64, u64, String)>);

impl Table {
    fn extend<'d, R: ReadRef<'d>>(&mut self, file: &object::File<'d, R>) {
        let text = file.symbols().chain(file.dynamic_symbols()).filter(|symbol| symbol.kind() == SymbolKind::Text);
        self.0.extend(text.filter(|symbol| symbol.address() != 0).filter_map(|symbol| {
            let name = symbol.name().ok().filter(|name| !name.is_empty())?;
            Some((symbol.address(), symbol.size(), name.to_owned()))
        }));
    }

    fn sort(&mut self) {
        self.0.sort();
    }

    /// The function an address lies in. Symbols without a size, from assembly, reach to the next one.
    fn find(&self, address: u64) -> Option<&str> {
        let after = self.0.partition_point(|&(start, _, _)| start <= address);
        let (start, size, name) = self.0.get(after.checked_sub(1)?)?;
        (*size == 0 || address - start < *size).then_some(name.as_str())
    }
}

/// Debug information kept apart from the file, found by build id, else by the link the file holds.
fn debug_file<'d, R: ReadRef<'d>>(file: &object::File<'d, R>, path: &Path) -> Option<ReadCache<File>> {
    let root = Path::new("/usr/lib/debug");
    let mut candidates: Vec<PathBuf> = Vec::new();
    if let Some(id) = file.build_id().ok().flatten().map(hex)
        && let (Some(head), Some(tail)) = (id.get(..2), id.get(2..))
    {
        candidates.push(root.join(".build-id").join(head).join(format!("{tail}.debug")));
    }
    if let Some((name, _)) = file.gnu_debuglink().ok().flatten()
        && let (Ok(name), Some(folder)) = (std::str::from_utf8(name), path.parent())
        && !name.contains('/')
    {
        candidates.push(folder.join(name));
        candidates.push(folder.join(".debug").join(name));
        candidates.push(root.join(folder.strip_prefix("/").unwrap_or(folder)).join(name));
    }
    let found = candidates.iter().filter(|candidate| candidate.as_path() != path).find_map(|c| File::open(c).ok());
    found.map(ReadCache::new)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where a file's bytes come from.
enum Source {
    File(ReadCache<File>),
    Memory(Vec<u8>),
}

impl Source {
    /// Opens a mapped file by the kernel's name for it. The vdso exists in memory only, the same in every process.
    fn open(path: &str) -> Option<Self> {
        if path == "[vdso]" {
            return vdso().map(Self::Memory);
        }
        if !path.starts_with('/') {
            return None;
        }
        let file = File::open(path).ok()?;
        // A device or pipe of that name would block or have side effects.
        file.metadata().ok()?.is_file().then(|| Self::File(ReadCache::new(file)))
    }
}

fn vdso() -> Option<Vec<u8>> {
    let maps = BufReader::new(File::open("/proc/self/maps").ok()?);
    let row = maps.lines().map_while(Result::ok).find(|row| row.ends_with("[vdso]"))?;
    let (start, end) = row.split_once(' ')?.0.split_once('-')?;
    let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
    let mut bytes = vec![0; usize::try_from(end.checked_sub(start)?).ok().filter(|&size| size <= 1 << 20)?];
    File::open("/proc/self/mem").ok()?.read_exact_at(&mut bytes, start).ok()?;
    Some(bytes)
}
