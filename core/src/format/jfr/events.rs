//! Which events are samples, and of what.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::stack_labels::LabelSet;
use crate::format::stacks::{Numbered, Stacks};
use crate::source::NoticeCode;

use super::chunk::{Header, Scalar, value};
use super::metadata::{Metadata, Role};
use super::pools::Traces;
use super::reader::Reader;
use super::threads::Threads;

/// What a sample type adds up.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// Events.
    One,
    /// A field, which is a time in ticks where it is the duration.
    Field(Role),
}

/// An event and its sample types.
type Row = (&'static str, &'static [(&'static str, &'static str, Of)]);

/// The event that most people look for.
const SHOWN: &str = "jdk.ExecutionSample";

const TIME: Of = Of::Field(Role::Duration);

const ROWS: &[Row] = &[
    (SHOWN, &[("samples", "count", Of::One)]),
    ("jdk.CPUTimeSample", &[("cpu_samples", "count", Of::One)]),
    ("jdk.NativeMethodSample", &[("native_samples", "count", Of::One)]),
    ("profiler.WallClockSample", &[("wall_samples", "count", Of::Field(Role::Samples))]),
    (
        "jdk.ObjectAllocationInNewTLAB",
        &[
            ("alloc_in_new_tlab_objects", "count", Of::One),
            ("alloc_in_new_tlab_bytes", "bytes", Of::Field(Role::TlabSize)),
        ],
    ),
    (
        "jdk.ObjectAllocationOutsideTLAB",
        &[
            ("alloc_outside_tlab_objects", "count", Of::One),
            ("alloc_outside_tlab_bytes", "bytes", Of::Field(Role::AllocationSize)),
        ],
    ),
    (
        "jdk.ObjectAllocationSample",
        &[("alloc_samples", "count", Of::One), ("alloc_space", "bytes", Of::Field(Role::Weight))],
    ),
    (
        "profiler.LiveObject",
        &[("live_objects", "count", Of::One), ("live_space", "bytes", Of::Field(Role::AllocationSize))],
    ),
    ("profiler.Malloc", &[("malloc_calls", "count", Of::One), ("malloc_space", "bytes", Of::Field(Role::Size))]),
    ("jdk.JavaMonitorEnter", &[("contentions", "count", Of::One), ("delay", "nanoseconds", TIME)]),
    ("jdk.ThreadPark", &[("parks", "count", Of::One), ("park_delay", "nanoseconds", TIME)]),
    ("jdk.JavaMonitorWait", &[("waits", "count", Of::One), ("wait_delay", "nanoseconds", TIME)]),
    ("jdk.ThreadSleep", &[("sleeps", "count", Of::One), ("sleep_delay", "nanoseconds", TIME)]),
    ("jdk.SocketRead", &[("socket_reads", "count", Of::One), ("socket_read_delay", "nanoseconds", TIME)]),
    ("jdk.SocketWrite", &[("socket_writes", "count", Of::One), ("socket_write_delay", "nanoseconds", TIME)]),
    ("jdk.FileRead", &[("file_reads", "count", Of::One), ("file_read_delay", "nanoseconds", TIME)]),
    ("jdk.FileWrite", &[("file_writes", "count", Of::One), ("file_write_delay", "nanoseconds", TIME)]),
    ("jdk.JavaExceptionThrow", &[("exceptions", "count", Of::One)]),
];

/// An event that is wanted.
pub(super) struct Event {
    /// Its place among the types of the chunk.
    class: u32,
    row: &'static Row,
    /// The sample types, once there is a sample.
    types: Vec<usize>,
}

/// The events of a chunk that are samples.
pub(super) struct Wanted {
    events: Vec<Event>,
    by_id: Numbered,
}

impl Wanted {
    pub(super) fn new(metadata: &Metadata) -> Wanted {
        let (mut events, mut ids) = (Vec::new(), Vec::new());
        for (class, known) in metadata.classes.iter().enumerate() {
            if let Some(row) = ROWS.iter().find(|(name, _)| *name == known.name) {
                ids.push((known.id, events.len() as u32));
                events.push(Event { class: class as u32, row, types: Vec::new() });
            }
        }
        Wanted { events, by_id: Numbered::new(&ids) }
    }

    /// The event of a type; `None`: it is no sample.
    pub(super) fn event(&mut self, to: &mut Stacks<'_>, type_id: u64) -> Option<&Event> {
        let event = self.events.get_mut(self.by_id.get(type_id)? as usize)?;
        if event.types.is_empty() {
            event.types = event.row.1.iter().map(|(name, unit, _)| to.builder.sample_type(name, unit)).collect();
            if event.row.0 == SHOWN {
                to.builder.show_first(event.types.first().copied().unwrap_or(0));
            }
        }
        Some(event)
    }
}

/// Reads an event and adds it.
///
/// # Errors
/// Where the stacks together are too large for the input.
pub(super) fn read(
    to: &mut Stacks<'_>,
    metadata: &Metadata,
    header: &Header,
    (traces, threads): (&Traces, &mut Threads<'_>),
    event: &Event,
    mut reader: Reader<'_>,
) -> Result<(), ParseError> {
    let Some(class) = metadata.classes.get(event.class as usize) else { return Ok(()) };
    // Its size and type.
    let begun = reader.number().and_then(|_| reader.number());
    let mut fields: Vec<(Role, u64)> = Vec::new();
    let read = value(to, metadata, class, &mut reader, &mut |role, scalar| {
        if let Scalar::Number(number) = scalar {
            fields.push((role, number));
        }
    })?;
    if begun.is_none() || read.is_none() {
        to.notices.push(NoticeCode::BrokenLine, to.at, event.row.0);
        return Ok(());
    }
    let field = |role: Role| fields.iter().find(|(known, _)| *known == role).map(|(_, number)| *number);
    to.stack.clear();
    match field(Role::Stack) {
        None | Some(0) => to.notices.push(NoticeCode::TruncatedStacks, to.at, "a sample without frames"),
        Some(key) => match traces.get(key) {
            Some((frames, cut)) => {
                to.stack.extend_from_slice(frames);
                if cut {
                    to.notices.push(NoticeCode::TruncatedStacks, to.at, "deeper than the recorder keeps");
                }
            }
            None => {
                to.notices.push(NoticeCode::DanglingReference, to.at, "stackTrace");
                return Ok(());
            }
        },
    }
    to.labels = field(Role::Thread).map_or(LabelSet::default(), |key| threads.labels(to, key));
    let mut row = Vec::new();
    for ((_, _, of), sample_type) in event.row.1.iter().zip(&event.types) {
        let weight = match of {
            Of::One => 1.0,
            Of::Field(Role::Duration) => field(Role::Duration).unwrap_or(0) as f64 * header.nanos_per_tick,
            Of::Field(role) => field(*role).unwrap_or(0) as f64,
        };
        row.push((*sample_type, weight));
    }
    to.add_values(&row)
}
