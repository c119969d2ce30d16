//! The rules of other tools, written anew from their sources and documents, each on data in the
//! shape in which its users have them.

mod benchmark_dotnet;
mod benchstat;
mod criterion;
mod google_benchmark;
mod hyperfine;
mod jmh;
mod rank;
mod threshold;

use crate::random::Random;

/// What a rule says of the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Slower,
    Faster,
    /// It says in words that there is no change.
    Same,
    /// It says nothing.
    Nothing,
}

/// A rule with the design of its users: `processes` of each arm, one arm after the other, each with
/// `values` noted values.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) processes: usize,
    pub(crate) values: usize,
    pub(crate) rule: fn(baseline: &[f64], candidate: &[f64], random: &mut Random) -> Call,
}

/// Every peer.
pub(crate) const PEERS: [Peer; 8] = [
    Peer { name: "benchstat", processes: 1, values: 10, rule: benchstat::call },
    Peer { name: "criterion", processes: 1, values: 100, rule: criterion::call },
    Peer { name: "JMH", processes: 5, values: 5, rule: jmh::call },
    Peer { name: "hyperfine, Welch", processes: 10, values: 1, rule: hyperfine::call },
    Peer { name: "google-benchmark", processes: 1, values: 10, rule: google_benchmark::call },
    Peer { name: "BenchmarkDotNet, ranks", processes: 1, values: 20, rule: benchmark_dotnet::ranks },
    Peer { name: "BenchmarkDotNet, Welch", processes: 1, values: 20, rule: benchmark_dotnet::welch },
    Peer { name: "threshold 5 %", processes: 1, values: 1, rule: threshold::call },
];

/// The direction where there is a difference.
fn changed(difference: f64) -> Call {
    if difference > 0.0 { Call::Slower } else { Call::Faster }
}
