//! Sampling of the process this code runs in, by the `SIGPROF` timer.

use super::{ProfileOutput, ProfilerError};

/// Above this the kernel's timer delivers fewer signals than asked for.
#[cfg(unix)]
const HIGHEST_HZ: u32 = 99;

/// A running profiler of this process. Dropping it stops sampling without a result.
pub struct InProcess {
    #[cfg(unix)]
    guard: pprof::ProfilerGuard<'static>,
    #[cfg(unix)]
    cpu_before: u64,
    #[cfg(unix)]
    time_nanos: u64,
    #[cfg(unix)]
    started: std::time::Instant,
    #[cfg(unix)]
    frequency_hz: u32,
}

/// Starts sampling all threads of this process, at `frequency_hz` per second of CPU time and at most 99.
///
/// # Errors
/// [`ProfilerError::System`] when a profiler runs already: there is one signal for the whole process.
/// [`ProfilerError::Unsupported`] where there is no such signal.
#[cfg(unix)]
pub fn start(frequency_hz: u32) -> Result<InProcess, ProfilerError> {
    let frequency_hz = frequency_hz.clamp(1, HIGHEST_HZ);
    let builder = pprof::ProfilerGuardBuilder::default().frequency(frequency_hz as i32);
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let guard = builder.build().map_err(|error| failed(&error))?;
    // After the start, which reads the tables of all loaded files.
    let cpu_before = super::sys::process_cpu_nanos().unwrap_or(0);
    let time_nanos = time.map_or(0, |time| time.as_nanos() as u64);
    Ok(InProcess { guard, cpu_before, time_nanos, started: std::time::Instant::now(), frequency_hz })
}

/// Always [`ProfilerError::Unsupported`] on this system.
#[cfg(not(unix))]
pub fn start(_frequency_hz: u32) -> Result<InProcess, ProfilerError> {
    Err(unsupported())
}

#[cfg(not(unix))]
fn unsupported() -> ProfilerError {
    ProfilerError::Unsupported { reason: "there is no SIGPROF timer".to_owned() }
}

#[cfg(unix)]
fn failed(error: &pprof::Error) -> ProfilerError {
    ProfilerError::System { action: "sample this process", message: error.to_string() }
}

#[cfg(not(unix))]
impl InProcess {
    /// Always [`ProfilerError::Unsupported`] on this system.
    pub fn finish(self) -> Result<ProfileOutput, ProfilerError> {
        Err(unsupported())
    }
}

#[cfg(unix)]
mod report {
    use std::collections::BTreeMap;

    use super::super::encode::{Line, Location, Profile, Stack};
    use super::{InProcess, ProfileOutput, ProfilerError, failed};

    impl InProcess {
        /// Stops sampling and names what was sampled. Each sample stands for its share of the CPU time this process
        /// really used, whatever rate the timer delivered.
        ///
        /// # Errors
        /// [`ProfilerError::System`] when the samples cannot be read back.
        pub fn finish(self) -> Result<ProfileOutput, ProfilerError> {
            // Before the report, whose making takes time of its own.
            let cpu_nanos = super::super::sys::process_cpu_nanos().unwrap_or(0).saturating_sub(self.cpu_before);
            let duration_nanos = self.started.elapsed().as_nanos() as u64;
            let report = self.guard.report().build().map_err(|error| failed(&error))?;
            drop(self.guard);

            let mut stacks: BTreeMap<Vec<Vec<Line>>, u64> = BTreeMap::new();
            report.data.iter().for_each(|(frames, &count)| {
                let stack = frames.frames.iter().map(|calls| calls.iter().map(line).collect()).collect();
                *stacks.entry(stack).or_default() += count.unsigned_abs() as u64;
            });
            let samples: u64 = stacks.values().sum();
            let rate = if cpu_nanos == 0 { 0.0 } else { samples as f64 * 1e9 / cpu_nanos as f64 };
            let each = if samples == 0 { 0.0 } else { cpu_nanos as f64 / samples as f64 };
            let mut rooted = 0;
            let mut profile = Profile {
                time_nanos: self.time_nanos,
                duration_nanos,
                period_nanos: 1_000_000_000 / u64::from(self.frequency_hz),
                comments: vec![
                    "event: SIGPROF".to_owned(),
                    "stacks: DWARF".to_owned(),
                    format!("frequency: {} Hz asked, {rate:.0} Hz delivered", self.frequency_hz),
                ],
                ..Profile::default()
            };
            let mut places: BTreeMap<Vec<Line>, u32> = BTreeMap::new();
            for (stack, count) in stacks {
                rooted += if stack.iter().rev().take(8).flatten().any(starts) { count } else { 0 };
                let mut locations = Vec::with_capacity(stack.len());
                for lines in stack {
                    let next = places.len() as u32;
                    let place = *places.entry(lines.clone()).or_insert(next);
                    if place == next {
                        profile.locations.push(Location { lines, ..Location::default() });
                    }
                    locations.push(place);
                }
                profile.stacks.push(Stack { locations, samples: count, nanos: (count as f64 * each).round() as u64 });
            }
            Ok(ProfileOutput {
                pprof: profile.to_gzip(),
                samples,
                lost: 0,
                event: "SIGPROF",
                unwinding: "DWARF",
                delivered_hz: rate,
                rooted_share: if samples == 0 { 0.0 } else { rooted as f64 / samples as f64 },
                cpu_nanos,
                kernel_sampled: false,
            })
        }
    }

    fn line(symbol: &pprof::Symbol) -> Line {
        let file = symbol.filename.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let name = symbol.name.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let plain = symbol.name();
        let function = match plain.rsplit_once("::h") {
            Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                path.to_owned()
            }
            _ => plain,
        };
        Line { function, linkage_name: name.into_owned(), file, line: symbol.lineno.unwrap_or(0) }
    }

    fn starts(line: &Line) -> bool {
        super::super::starts::is_start(&line.function)
    }
}
