//! Puts the runs of one program together, names what was sampled, and writes the profile.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;

use super::encode::{Line, Location, Mapping, Profile, Stack};
use super::perf::Facts;
use super::samples::{MappingKey, Samples, SeenMapping, Total, UNMAPPED};
use super::starts::is_start;
use super::{ProfileOutput, Profiler, ProfilerError, image, kernel};

/// Frames at the root among which the start of a program or thread is looked for: launchers add a few of their own.
const ROOT_FRAMES: usize = 8;

/// Gathers the profilers of one program's runs, one process after the other, and writes one profile of them all.
///
/// Code is identified by file and offset, so runs with different load addresses meet in the same frames.
#[derive(Default)]
pub struct ProfileCollector {
    samples: Samples,
    facts: Option<Facts>,
    redact: bool,
}

impl ProfileCollector {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// The profile will hold no folder, and not the program's file name.
    #[must_use]
    pub fn redacted(self, redact: bool) -> Self {
        Self { redact, ..self }
    }

    /// Takes over everything a profiler sampled. To be called when its process has ended.
    ///
    /// # Errors
    /// [`ProfilerError::System`] when the kernel does not hand out the final counts; earlier runs are kept.
    pub fn add(&mut self, profiler: Profiler) -> Result<(), ProfilerError> {
        let (samples, facts) = profiler.into_samples()?;
        self.samples.absorb(samples);
        match &mut self.facts {
            Some(sum) => {
                sum.cpu_nanos += facts.cpu_nanos;
                sum.duration_nanos += facts.duration_nanos;
                sum.kernel_sampled &= facts.kernel_sampled;
            }
            None => self.facts = Some(facts),
        }
        Ok(())
    }

    /// Names what was sampled and writes the profile. Files that are gone or were replaced since the first run leave
    /// their addresses without names.
    ///
    /// # Errors
    /// [`ProfilerError::System`] when nothing was added.
    pub fn finish(self) -> Result<ProfileOutput, ProfilerError> {
        let Some(facts) = self.facts else {
            let message = "no profiler was added".to_owned();
            return Err(ProfilerError::System { action: "write a profile", message });
        };
        let total = self.samples.total();
        let unwinding = if total.dwarf * 2 > total.samples { "DWARF" } else { "frame pointers" };
        let cpu_nanos = sampled_nanos(&facts, total);
        let (mut profile, rooted) = build(&self.samples, &facts, total, cpu_nanos, unwinding);
        if self.redact {
            profile.strip_paths();
        }
        Ok(ProfileOutput {
            pprof: profile.to_gzip(),
            samples: total.samples,
            lost: self.samples.lost,
            event: facts.event,
            unwinding,
            delivered_hz: ratio(total.samples, facts.cpu_nanos) * 1e9,
            rooted_share: ratio(rooted, total.samples),
            cpu_nanos,
            kernel_sampled: facts.kernel_sampled,
        })
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The time all samples stand for. The kernel's own account of time on the CPU is right even where timer ticks were
/// missed or records lost. Without the kernel's part it covers too much, and only the clock's periods are left.
fn sampled_nanos(facts: &Facts, total: Total) -> u64 {
    if facts.kernel_sampled || facts.event != "cpu-clock" { facts.cpu_nanos } else { total.period }
}

/// Identity of a file whatever part of it is mapped.
type FileKey<'a> = (&'a str, (u32, u32), u64);

fn build(samples: &Samples, facts: &Facts, total: Total, cpu_nanos: u64, unwinding: &str) -> (Profile, u64) {
    let named = name_frames(samples, facts.time_nanos);
    let mut used: Vec<usize> = samples.frames.iter().map(|&(mapping, _)| mapping as usize).collect();
    used.sort_unstable();
    used.dedup();
    used.retain(|&mapping| mapping < samples.mappings.len());
    // Readers take the first mapping for the program itself.
    let program = main_mapping(samples);
    used.sort_by_key(|&mapping| Some(mapping) != program);
    let place_of: HashMap<usize, usize> = used.iter().enumerate().map(|(place, &mapping)| (mapping, place)).collect();

    let mut profile = Profile {
        time_nanos: facts.time_nanos,
        duration_nanos: facts.duration_nanos,
        period_nanos: 1_000_000_000 / u64::from(facts.frequency_hz.max(1)),
        comments: vec![
            format!("event: {}{}", facts.event, if facts.kernel_sampled { "" } else { ", kernel excluded" }),
            format!("stacks: {unwinding}"),
            format!(
                "frequency: {} Hz asked, {:.0} Hz delivered",
                facts.frequency_hz,
                ratio(total.samples, facts.cpu_nanos) * 1e9
            ),
            format!("lost records: {}", samples.lost),
        ],
        ..Profile::default()
    };
    for &number in &used {
        let Some(seen) = samples.mappings.get(number) else { continue };
        profile.mappings.push(Mapping {
            start: seen.start,
            limit: seen.start.saturating_add(seen.length),
            file_offset: if is_file(&seen.key.path) { seen.key.file_offset } else { 0 },
            path: seen.key.path.clone(),
            build_id: named.build_ids.get(&file_key(&seen.key)).cloned().unwrap_or_default(),
            ..Mapping::default()
        });
    }

    // In order of file and offset, so that the order in which records came does not show.
    let mut order: Vec<usize> = (0..samples.frames.len()).collect();
    order.sort_by_key(|&index| samples.frames.get(index));
    let mut place = vec![0_u32; order.len()];
    for (at, &index) in order.iter().enumerate() {
        let Some(&(number, offset)) = samples.frames.get(index) else { continue };
        let lines: Vec<Line> = named.lines.get(index).cloned().unwrap_or_default();
        let mapping = place_of.get(&(number as usize)).copied();
        if let Some(mapping) = mapping.and_then(|mapping| profile.mappings.get_mut(mapping)) {
            mapping.has_functions |= !lines.is_empty();
            mapping.has_lines |= lines.iter().any(|line| line.line != 0);
        }
        let address = samples
            .mappings
            .get(number as usize)
            .map_or(offset, |seen| seen.start.wrapping_add(offset.wrapping_sub(seen.key.file_offset)));
        profile.locations.push(Location { mapping, address, lines });
        if let Some(place) = place.get_mut(index) {
            *place = at as u32;
        }
    }

    let scale = ratio(cpu_nanos, total.period);
    let mut rooted = 0;
    for (stack, sum) in &samples.stacks {
        let outer = stack.iter().rev().take(ROOT_FRAMES);
        let by_name = outer.clone().any(|&frame| named.starts.get(frame as usize).copied().unwrap_or(false));
        let in_loader = stack.last().is_some_and(|&frame| named.runtime.get(frame as usize).copied().unwrap_or(false));
        rooted += if by_name {
            sum.samples
        } else if in_loader {
            sum.ended
        } else {
            0
        };
        profile.stacks.push(Stack {
            locations: stack.iter().filter_map(|&frame| place.get(frame as usize).copied()).collect(),
            samples: sum.samples,
            nanos: (sum.period as f64 * scale).round() as u64,
        });
    }
    profile.stacks.sort_by(|a, b| a.locations.cmp(&b.locations));
    (profile, rooted)
}

/// The file that takes part in most samples, the C library and the loader aside.
fn main_mapping(samples: &Samples) -> Option<usize> {
    let mut sums = vec![0_u64; samples.mappings.len()];
    let mut met: Vec<u32> = Vec::new();
    for (stack, sum) in &samples.stacks {
        met.clear();
        met.extend(stack.iter().filter_map(|&frame| samples.frames.get(frame as usize)).map(|frame| frame.0));
        met.sort_unstable();
        met.dedup();
        for &mapping in &met {
            if let Some(total) = sums.get_mut(mapping as usize) {
                *total += sum.samples;
            }
        }
    }
    let files = samples.mappings.iter().zip(sums).enumerate();
    let files = files.filter(|(_, (seen, _))| is_file(&seen.key.path) && !is_runtime(&seen.key.path));
    let rank = |&(index, (seen, sum)): &(usize, (&SeenMapping, u64))| {
        // An interpreter's work is done in its library, and yet it is not the program.
        (!seen.key.path.contains(".so"), sum, Reverse(index))
    };
    files.max_by_key(rank).map(|(index, _)| index)
}

/// What is known of each frame, by its number.
struct Named<'a> {
    lines: Vec<Vec<Line>>,
    /// The frame is where a program or a thread starts.
    starts: Vec<bool>,
    /// The frame lies in the C library or the loader.
    runtime: Vec<bool>,
    build_ids: HashMap<FileKey<'a>, String>,
}

fn name_frames(samples: &Samples, since_nanos: u64) -> Named<'_> {
    let count = samples.frames.len();
    let mut named = Named {
        lines: vec![Vec::new(); count],
        starts: vec![false; count],
        runtime: vec![false; count],
        build_ids: HashMap::new(),
    };
    let mut files: BTreeMap<FileKey<'_>, Vec<usize>> = BTreeMap::new();
    for (index, &(number, _)) in samples.frames.iter().enumerate().filter(|(_, frame)| frame.0 != UNMAPPED) {
        if let Some(seen) = samples.mappings.get(number as usize) {
            files.entry(file_key(&seen.key)).or_default().push(index);
        }
    }
    for (key, frames) in files {
        let offsets: Vec<u64> = frames.iter().filter_map(|&at| samples.frames.get(at)).map(|frame| frame.1).collect();
        let runtime = is_runtime(key.0);
        let (lines, at_entry) = if kernel::is_kernel(key.0) {
            let symbols = kernel::Symbols::read();
            (offsets.iter().map(|&address| vec![symbols.line(address)]).collect(), Vec::new())
        } else if is_file(key.0) && changed(key, since_nanos) {
            continue;
        } else if let Some(known) = image::symbolise(key.0, &offsets) {
            named.build_ids.insert(key, known.build_id);
            (known.lines, known.at_entry)
        } else {
            continue;
        };
        for (at, (index, row)) in frames.into_iter().zip(lines).enumerate() {
            let starts = at_entry.get(at).copied().unwrap_or(false) || row.iter().any(|line| is_start(&line.function));
            if let (Some(lines), Some(start), Some(flag)) =
                (named.lines.get_mut(index), named.starts.get_mut(index), named.runtime.get_mut(index))
            {
                *lines = row;
                *start = starts;
                *flag = runtime;
            }
        }
    }
    named
}

fn file_key(key: &MappingKey) -> FileKey<'_> {
    (&key.path, key.device, key.inode)
}

/// A path, not a name in brackets or `//anon`.
fn is_file(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//")
}

/// Whether the file under this name is no longer the one that ran. Numbers of inodes alone do not tell: overlay file
/// systems show programs others than files. So a file counts as changed when its content is newer than the run, or
/// when it came to this name since and the numbers differ.
fn changed((path, _, inode): FileKey<'_>, since_nanos: u64) -> bool {
    let Ok(data) = fs::metadata(path) else { return true };
    let nanos = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    let since = i128::from(since_nanos);
    let content = nanos(data.mtime(), data.mtime_nsec());
    let entry = nanos(data.ctime(), data.ctime_nsec());
    content > since || entry > since && data.ino() != inode
}

/// The C library and the loader, whose start code rarely has symbols.
fn is_runtime(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    ["libc.", "libc-", "ld-", "ld.", "libpthread"].iter().any(|prefix| name.starts_with(prefix))
}
