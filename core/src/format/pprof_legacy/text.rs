//! The text forms: a title, facts, then a line for each stack: numbers, `@`, addresses leaf first. Go writes the labels
//! of goroutines on a line behind it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{lines, lossy};
use crate::format::stack_labels::LabelSet;
use crate::format::stacks::Stacks;
use crate::format::text::{around, cut, words};
use crate::json;
use crate::number;
use crate::source::{NoticeCode, Position};
use crate::stats::math;

use super::STARTS;
use super::places::{Leaf, Places, hex};

/// Bytes between samples of a heap of Java, where nothing says otherwise.
const JAVA_RATE: f64 = 524_288.0;

/// What the numbers of a line are.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Live objects and bytes, in brackets all that were allocated; jemalloc has them on the line behind.
    Heap,
    /// Time and events.
    Contention,
    /// Bytes and objects.
    JavaHeap,
    /// One number.
    Count,
    /// None: each stack is a thread.
    Threads,
}

/// What is known of the samples so far.
struct Text {
    kind: Kind,
    /// What a count counts.
    of: String,
    java: bool,
    /// Bytes between samples of a heap; 0 where they are all that there is.
    rate: f64,
    /// Whether a heap tells what was allocated.
    allocated: bool,
    /// Contention: events that a sample stands for, and the frequency of its clock.
    period: f64,
    hertz: f64,
    /// The unit of a contention of Java.
    resolution: String,
    types: Vec<usize>,
    /// The stack whose line or numbers are not complete: its numbers and addresses.
    open: Option<Vec<f64>>,
    addresses: Vec<u64>,
    /// Names of its frames, leaf first, where lines behind it tell them.
    named: bool,
}

pub(super) fn read(to: &mut Stacks<'_>) -> Result<(), ParseError> {
    let bytes = to.source.bytes;
    let places = Places::read(to, lines(bytes))?;
    let mut text = Text {
        kind: Kind::Count,
        of: String::from("samples"),
        java: false,
        rate: 0.0,
        allocated: false,
        period: 1.0,
        hertz: 1e9,
        resolution: String::from("nanoseconds"),
        types: Vec::new(),
        open: None,
        addresses: Vec::new(),
        named: false,
    };
    let mut inside = true;
    for (index, line) in lines(bytes).enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if line.starts_with("MAPPED_LIBRARIES:") || line.starts_with("--- Memory map:") {
            text.close(to, &places)?;
            inside = false;
        }
        if inside {
            text.line(to, &places, line, at)?;
        } else if STARTS.iter().filter_map(|start| start.strip_prefix('^')).any(|start| line.starts_with(start)) {
            // Another profile, with places of its own.
            to.notices.push(NoticeCode::TrailingData, at, "");
            break;
        }
    }
    // What is cut inside of a line may have lost frames and more stacks.
    let last = bytes.rsplit(|byte| *byte == b'\n').next().unwrap_or(&[]);
    if inside && (last.starts_with(b"#\t") || last.contains(&b'@')) {
        to.notices.push(NoticeCode::Truncated, Some(Position::Line(lines(bytes).count() as u64)), "");
    }
    text.close(to, &places)
}

impl Text {
    fn line(
        &mut self,
        to: &mut Stacks<'_>,
        places: &Places,
        line: &str,
        at: Option<Position>,
    ) -> Result<(), ParseError> {
        if let Some(rest) = line.strip_prefix('#') {
            if let (Some(list), true) = (rest.strip_prefix(" labels: "), self.open.is_some()) {
                labels(to, list, at);
                return Ok(());
            }
            // `# address name+offset place`; other remarks are of the process.
            let mut fields = rest.split('\t').filter(|field| !field.is_empty());
            let address = fields.next().and_then(|address| hex(address.trim()));
            if let (Some(_), Some(name), true) = (address, fields.next(), self.open.is_some()) {
                if !core::mem::replace(&mut self.named, true) {
                    to.stack.clear();
                }
                to.push(name.rsplit_once("+0x").map_or(name, |(name, _)| name));
            }
            return Ok(());
        }
        // `count: bytes [count: bytes] @ address address`; there may be no address.
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b" :[]-".contains(&b));
        let sample =
            cut(line, "@").filter(|(numbers, rest)| plain(numbers) && (rest.is_empty() || rest.starts_with(" 0x")));
        if let Some((numbers, addresses)) = sample {
            self.close(to, places)?;
            to.at = at;
            self.addresses.clear();
            self.addresses.extend(addresses.split_ascii_whitespace().map_while(hex));
            self.open = Some(numbers_of(numbers));
            return Ok(());
        }
        if self.kind == Kind::Threads {
            return self.thread(to, places, line, at);
        }
        if let Some(all) = line.strip_prefix("t*:") {
            let numbers = numbers_of(all);
            match &mut self.open {
                Some(open) => *open = numbers,
                None => self.allocated = allocates(&numbers),
            }
            return Ok(());
        }
        // Of a thread alone.
        let part = line.strip_prefix('t').is_some_and(|rest| around(rest, ":").0.parse::<u64>().is_ok());
        if part || line.starts_with("0x") || self.fact(to, line) {
            return Ok(());
        }
        to.notices.push(NoticeCode::UnknownRecord, at, line);
        Ok(())
    }

    /// Takes a title or a fact.
    fn fact(&mut self, to: &mut Stacks<'_>, line: &str) -> bool {
        if let Some(rest) = line.strip_prefix("heap profile:") {
            let (numbers, kind) = around(rest, "@");
            self.kind = Kind::Heap;
            self.allocated = allocates(&numbers_of(numbers));
            let (kind, rate) = around(kind.trim(), "/");
            let rate = number::parse(rate.as_bytes()).unwrap_or(0.0);
            self.rate = match kind {
                "heapz_v2" | "heap_v2" => rate,
                // Go states twice its rate.
                "heap" => rate / 2.0,
                _ => 0.0,
            };
        } else if let Some(rate) = line.strip_prefix("heap_v2/") {
            self.kind = Kind::Heap;
            self.rate = number::parse(rate.as_bytes()).unwrap_or(0.0);
        } else if line.starts_with("--- contention") || line.starts_with("--- mutex") {
            self.kind = Kind::Contention;
        } else if line.starts_with("--- heapz") {
            self.kind = Kind::JavaHeap;
            self.rate = JAVA_RATE;
        } else if line.starts_with("--- growthz") {
            self.kind = Kind::Heap;
        } else if line.starts_with("--- threadz") || line.starts_with("--- Thread ") {
            self.kind = Kind::Threads;
            self.of = String::from("thread");
        } else if let Some((name, _)) = cut(line, " profile: total") {
            self.kind = Kind::Count;
            self.of = String::from(name);
        } else if line.starts_with("---") {
            // The end of a table, or the title of what is behind it.
        } else {
            let Some((name, value)) = cut(line, "=") else { return false };
            let (name, value) = (name.trim(), value.trim());
            let number = number::parse(value.as_bytes()).filter(|n| *n > 0.0);
            match name {
                "format" => self.java = value == "java",
                "resolution" => self.resolution = String::from(value),
                "cycles/second" => self.hertz = number.unwrap_or(1e9),
                "sampling period" if self.kind == Kind::JavaHeap => self.rate = number.unwrap_or(JAVA_RATE),
                "sampling period" => self.period = number.unwrap_or(1.0),
                "ms since reset" => to.builder.duration(number.unwrap_or(0.0) / 1000.0),
                // Nothing of it changes the numbers.
                "discarded samples" | "binary" => {}
                _ => return false,
            }
        }
        true
    }

    /// A line of a list of threads.
    fn thread(
        &mut self,
        to: &mut Stacks<'_>,
        places: &Places,
        line: &str,
        at: Option<Position>,
    ) -> Result<(), ParseError> {
        if line.starts_with("--- Thread ") {
            self.close(to, places)?;
            to.at = at;
            self.addresses.clear();
            self.open = Some(Vec::new());
        } else if line.contains("same as previous thread") {
            // The stack of the thread before, which is still the one in work, once more.
            self.open = None;
            self.count(to, &[1.0])?;
        } else {
            let line = line.strip_prefix("PC:").or_else(|| line.strip_prefix("creator:")).unwrap_or(line);
            let addresses = words(line);
            let mut addresses = addresses.iter().map_while(|word| hex(word.trim_end_matches(':'))).peekable();
            if addresses.peek().is_none() && !line.starts_with("---") {
                to.notices.push(NoticeCode::UnknownRecord, at, line);
            }
            self.addresses.extend(addresses);
        }
        Ok(())
    }

    /// Adds the stack that is open.
    fn close(&mut self, to: &mut Stacks<'_>, places: &Places) -> Result<(), ParseError> {
        let Some(numbers) = self.open.take() else { return Ok(()) };
        let done = self.add(to, places, &numbers);
        to.labels = LabelSet::default();
        done
    }

    /// Adds numbers to the stack that the addresses, or the names behind them, make.
    fn add(&mut self, to: &mut Stacks<'_>, places: &Places, numbers: &[f64]) -> Result<(), ParseError> {
        if core::mem::take(&mut self.named) {
            to.stack.reverse();
        } else {
            let leaf = match self.kind {
                _ if self.java => Leaf::NoAddress,
                Kind::Threads => Leaf::Exact,
                _ => Leaf::Call,
            };
            if self.addresses.is_empty() {
                to.notices.push(NoticeCode::TruncatedStacks, to.at, "a sample without frames");
            }
            places.stack(to, &self.addresses, leaf)?;
        }
        let number = |at: usize| numbers.get(at).copied().unwrap_or(f64::NAN);
        match self.kind {
            Kind::Heap => {
                let (live, all) = (self.scaled(number(0), number(1)), self.scaled(number(2), number(3)));
                match self.allocated {
                    true => self.values(to, HEAP.get(..4).unwrap_or(&[]), &[all.0, all.1, live.0, live.1]),
                    false => self.values(to, HEAP.get(4..).unwrap_or(&[]), &[live.0, live.1]),
                }
            }
            Kind::JavaHeap => {
                let (objects, bytes) = self.scaled(number(1), number(0));
                self.values(to, HEAP.get(2..4).unwrap_or(&[]), &[objects, bytes])
            }
            Kind::Contention => {
                let resolution = core::mem::take(&mut self.resolution);
                let (unit, each) =
                    if self.java { (resolution.as_str(), 1.0) } else { ("nanoseconds", 1e9 / self.hertz) };
                let delay = math::floor(number(0) * self.period * each);
                let done =
                    self.values(to, &[("contentions", "count"), ("delay", unit)], &[number(1) * self.period, delay]);
                self.resolution = resolution;
                done
            }
            Kind::Count => self.count(to, &[number(0)]),
            Kind::Threads => self.count(to, &[1.0]),
        }
    }

    fn count(&mut self, to: &mut Stacks<'_>, number: &[f64]) -> Result<(), ParseError> {
        let of = core::mem::take(&mut self.of);
        let done = self.values(to, &[(&of, "count")], number);
        self.of = of;
        done
    }

    /// Adds values to the stack in work; the first stack settles their types.
    fn values(&mut self, to: &mut Stacks<'_>, types: &[(&str, &str)], values: &[f64]) -> Result<(), ParseError> {
        if self.types.is_empty() {
            self.types = types.iter().map(|(name, unit)| to.builder.sample_type(name, unit)).collect();
            to.builder.show_first(self.types.last().copied().unwrap_or(0));
        }
        let row: Vec<(usize, f64)> = self.types.iter().copied().zip(values.iter().copied()).collect();
        to.add_values(&row)
    }

    /// Objects and bytes that samples of them stand for: a byte is sampled with equal chance wherever it lies, so that
    /// large objects are seen more often.
    fn scaled(&self, objects: f64, bytes: f64) -> (f64, f64) {
        if objects == 0.0 || bytes == 0.0 || self.rate <= 1.0 {
            return (objects, bytes);
        }
        let scale = 1.0 / (1.0 - math::exp(-(bytes / objects) / self.rate));
        (math::floor(objects * scale), math::floor(bytes * scale))
    }
}

/// Types of a heap: with what was allocated, and without it under the names that pprof gives them.
const HEAP: &[(&str, &str)] = &[
    ("alloc_objects", "count"),
    ("alloc_space", "bytes"),
    ("inuse_objects", "count"),
    ("inuse_space", "bytes"),
    ("objects", "count"),
    ("space", "bytes"),
];

/// Whether the numbers in brackets say more than those before.
fn allocates(numbers: &[f64]) -> bool {
    let differs = |at: usize| numbers.get(at + 2).is_some_and(|all| *all != 0.0 && numbers.get(at) != Some(all));
    differs(0) || differs(1)
}

/// Takes `{"key":"value", "key":"value"}` as labels of the next sample. Go quotes texts nearly as JSON does; what is none
/// is told.
fn labels(to: &mut Stacks<'_>, list: &str, at: Option<Position>) {
    let Ok(list) = json::leading(list) else {
        to.notices.push(NoticeCode::BrokenLine, at, "labels");
        return;
    };
    let mut labels = Vec::new();
    for (key, value) in list.members() {
        labels.extend(to.label(&key.text(), &value.text()));
    }
    to.labels = to.label_set(&mut labels);
}

/// All whole numbers of a text.
fn numbers_of(text: &str) -> Vec<f64> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '-').filter(|part| !part.is_empty());
    parts.map(|part| number::parse(part.as_bytes()).unwrap_or(f64::NAN)).collect()
}
