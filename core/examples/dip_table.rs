//! Prints the rows of `core/src/stats/dip_table.rs`, from uniform values; takes minutes:
//! `cargo run --release -p noisefloor-core --example dip_table`. Arguments, if any, are the sizes.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use noisefloor_core::stats::dip::{CHANCES, dip};
use noisefloor_core::stats::math::sqrt;
use noisefloor_core::stats::random::{Random, seed};

const SIZES: [u64; 11] = [10, 15, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000];

fn main() {
    let asked: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    for n in if asked.is_empty() { SIZES.to_vec() } else { asked } {
        let samples = match n {
            0..=200 => 100_000u64,
            201..=500 => 50_000,
            _ => 20_000,
        };
        let mut dips: Vec<f64> = (0..samples).map(|sample| scaled_dip(n, sample)).collect();
        dips.sort_unstable_by(f64::total_cmp);
        let row = CHANCES.map(|p| format!("{:.5}", dips[((1.0 - p) * samples as f64) as usize]));
        println!("    ({n}.0, [{}]),", row.join(", "));
    }
}

/// √n · dip of `n` uniform values: the sample's own stream.
fn scaled_dip(n: u64, sample: u64) -> f64 {
    let mut random = Random::new(seed([n as f64], "dip", sample));
    let mut values: Vec<f64> = (0..n).map(|_| random.uniform()).collect();
    values.sort_unstable_by(f64::total_cmp);
    dip(&values) * sqrt(n as f64)
}
