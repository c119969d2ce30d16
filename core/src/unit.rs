//! Units, tidied at the door: inside, times are seconds and sizes are bytes.

use alloc::string::{String, ToString};
use serde::{Deserialize, Serialize};

/// What a unit measures; decides how values are scaled for display and which spread is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Seconds, or seconds per something.
    Time,
    /// Something per second.
    Rate,
    /// Bytes, or bytes per operation.
    Bytes,
    /// A count: allocations, instructions, objects.
    Count,
    /// A share or ratio without unit.
    Ratio,
    /// Anything else.
    Other,
}

impl Quantity {
    /// Time-like and rate-like metrics vary from process to process on their own; an assumed
    /// between-run spread applies to these only (STATISTICS S0).
    #[must_use]
    pub fn varies_between_runs(self) -> bool {
        matches!(self, Quantity::Time | Quantity::Rate)
    }
}

/// The direction in which a metric gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Smaller is better: time, allocations.
    Lower,
    /// Larger is better: throughput.
    Higher,
    /// Nobody said; such a metric never gates.
    Unknown,
}

/// A base unit: what values are in after [`tidy`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unit {
    /// Base-unit text: `s`, `s/op`, `B/s`, `B/op`, `allocs/op`, or a custom unit as it came.
    pub name: String,
    /// What it measures.
    pub quantity: Quantity,
}

impl Unit {
    /// Seconds.
    #[must_use]
    pub fn seconds() -> Unit {
        Unit { name: "s".to_string(), quantity: Quantity::Time }
    }
    /// Seconds per operation.
    #[must_use]
    pub fn seconds_per_op() -> Unit {
        Unit { name: "s/op".to_string(), quantity: Quantity::Time }
    }
    /// Bytes.
    #[must_use]
    pub fn bytes() -> Unit {
        Unit { name: "B".to_string(), quantity: Quantity::Bytes }
    }
}

/// A unit as a tool wrote it, brought to base units.
#[derive(Clone, Debug, PartialEq)]
pub struct Tidied {
    /// The base unit.
    pub unit: Unit,
    /// What to multiply a value with.
    pub factor: f64,
    /// The usual direction of this unit; metadata in a file overrides it.
    pub better: Better,
}

/// Brings a unit to base units: `ns/op` becomes `s/op` with factor 1e-9, `MB/s` becomes `B/s`.
///
/// Only whole tokens of the numerator are known: `ps`, `ns`, `us`, `µs`, `ms`, `s`, `sec`, `min`, and `kB`,
/// `KiB`, `MB`, `MiB`, `GB`, `GiB`; a rate per time of any of these becomes one per second. Anything else keeps its text and has [`Quantity::Other`] (or
/// `Count` for counts per operation). Custom units have an unknown direction,
/// apart from a few names that tell theirs.
#[must_use]
pub fn tidy(unit: &str) -> Tidied {
    let (head, tail) = match unit.split_once('/') {
        Some((h, t)) => (h, Some(t)),
        None => (unit, None),
    };
    // A custom name may carry its unit as last dash part: `p99-ns`, `build-real-ns/op`.
    let (prefix, token) = match head.rsplit_once('-') {
        Some((p, t)) if base_token(t).is_some() => (Some(p), t),
        _ => (None, head),
    };
    let known = base_token(token);
    // Per millisecond is a thousand times per second.
    let per = tail.and_then(base_token).filter(|(_, _, q)| *q == Quantity::Time).map(|(_, seconds, _)| seconds);
    let tail_name = if per.is_some() { Some("s") } else { tail };
    let (base, factor, quantity) = match known {
        Some((base, factor, q)) => (base.to_string(), factor, q),
        None => (token.to_string(), 1.0, Quantity::Other),
    };
    let factor = factor / per.unwrap_or(1.0);
    let quantity = if per.is_some() {
        if quantity == Quantity::Time { Quantity::Ratio } else { Quantity::Rate }
    } else if quantity != Quantity::Other {
        quantity
    } else if matches!(token, "allocs" | "instructions" | "cycles" | "objects" | "faults" | "count") {
        Quantity::Count
    } else {
        Quantity::Other
    };
    let better = match (quantity, prefix) {
        (Quantity::Rate, _) => Better::Higher,
        (Quantity::Time, _) => Better::Lower,
        (Quantity::Bytes | Quantity::Count, _) if tail == Some("op") => Better::Lower,
        // As people name metrics of their own: `alloc_bytes/op`, `errors/op`, `success_rate`.
        (Quantity::Other, _) if tail == Some("op") && (token.ends_with("_bytes") || token.ends_with("errors")) => {
            Better::Lower
        }
        (Quantity::Other, _) if token.ends_with("success_rate") => Better::Higher,
        _ => Better::Unknown,
    };
    let mut name = String::new();
    if let Some(p) = prefix {
        name.push_str(p);
        name.push('-');
    }
    name.push_str(&base);
    if let Some(t) = tail_name {
        name.push('/');
        name.push_str(t);
    }
    Tidied { unit: Unit { name, quantity }, factor, better }
}

fn base_token(token: &str) -> Option<(&'static str, f64, Quantity)> {
    Some(match token {
        "ps" => ("s", 1e-12, Quantity::Time),
        "ns" => ("s", 1e-9, Quantity::Time),
        "us" | "µs" | "μs" => ("s", 1e-6, Quantity::Time),
        "ms" => ("s", 1e-3, Quantity::Time),
        "s" | "sec" | "second" | "seconds" => ("s", 1.0, Quantity::Time),
        "min" => ("s", 60.0, Quantity::Time),
        "B" | "bytes" => ("B", 1.0, Quantity::Bytes),
        "kB" | "KB" => ("B", 1e3, Quantity::Bytes),
        "MB" => ("B", 1e6, Quantity::Bytes),
        "GB" => ("B", 1e9, Quantity::Bytes),
        "TB" => ("B", 1e12, Quantity::Bytes),
        "KiB" => ("B", 1024.0, Quantity::Bytes),
        "MiB" => ("B", 1_048_576.0, Quantity::Bytes),
        "GiB" => ("B", 1_073_741_824.0, Quantity::Bytes),
        "TiB" => ("B", 1_099_511_627_776.0, Quantity::Bytes),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unit: &str, name: &str, factor: f64, quantity: Quantity, better: Better) {
        let t = tidy(unit);
        assert_eq!((t.unit.name.as_str(), t.factor, t.unit.quantity, t.better), (name, factor, quantity, better));
    }

    #[test]
    fn usual_units() {
        check("ns/op", "s/op", 1e-9, Quantity::Time, Better::Lower);
        check("MB/s", "B/s", 1e6, Quantity::Rate, Better::Higher);
        check("B/op", "B/op", 1.0, Quantity::Bytes, Better::Lower);
        check("allocs/op", "allocs/op", 1.0, Quantity::Count, Better::Lower);
        check("ps/op", "s/op", 1e-12, Quantity::Time, Better::Lower);
        check("ms", "s", 1e-3, Quantity::Time, Better::Lower);
        check("ops/s", "ops/s", 1.0, Quantity::Rate, Better::Higher);
        check("req/sec", "req/s", 1.0, Quantity::Rate, Better::Higher);
        check("ops/ms", "ops/s", 1.0 / 1e-3, Quantity::Rate, Better::Higher);
        check("ops/min", "ops/s", 1.0 / 60.0, Quantity::Rate, Better::Higher);
        check("kB/ms", "B/s", 1e3 / 1e-3, Quantity::Rate, Better::Higher);
        check("ms/s", "s/s", 1e-3, Quantity::Ratio, Better::Unknown);
        check("p99-ns", "p99-s", 1e-9, Quantity::Time, Better::Lower);
        check("success_rate", "success_rate", 1.0, Quantity::Other, Better::Higher);
        check("alloc_bytes/op", "alloc_bytes/op", 1.0, Quantity::Other, Better::Lower);
        check("errors/op", "errors/op", 1.0, Quantity::Other, Better::Lower);
        check("hit_rate", "hit_rate", 1.0, Quantity::Other, Better::Unknown);
        check("text-bytes", "text-B", 1.0, Quantity::Bytes, Better::Unknown);
        check("", "", 1.0, Quantity::Other, Better::Unknown);
        check("/", "/", 1.0, Quantity::Other, Better::Unknown);
    }
}
