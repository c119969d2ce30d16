//! The order: each function after those that it shares most with.

/// Bytes of a shingle. Tried were 3 to 16, and two lengths at once: 6 packs smallest, and from 5 to
/// 8 it makes a difference of 0.2 %.
const SHINGLE: usize = 6;
/// Bytes of the latest functions that are looked at. Deflate sees 32 KiB, but what is near costs
/// fewer bits; a chain that looks at the last function alone packs 0.9 % worse.
const WINDOW: usize = 8_000;
/// Added to a function's length, so that a tiny one does not come first for one shared shingle.
const FLOOR: usize = 20;

/// An order of functions, given as their places: first the longest, then always the one with the
/// largest part of its shingles in the latest functions; the earliest where several are alike.
pub(super) fn by_likeness(bodies: &[&[u8]]) -> Vec<usize> {
    let shingles = Shingles::of(bodies);
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order: Vec<usize> = Vec::with_capacity(bodies.len());
    // How many functions of the window have a shingle, and how many of the window's a function has.
    let mut present = vec![0u32; shingles.holders.len()];
    let mut shared = vec![0usize; bodies.len()];
    let (mut oldest, mut bytes) = (0, 0);
    let mut next = left.iter().copied().max_by_key(|f| (bodies[*f].len(), usize::MAX - f));
    while let Some(function) = next {
        left.retain(|f| *f != function);
        order.push(function);
        bytes += bodies[function].len();
        for shingle in &shingles.of[function] {
            present[*shingle] += 1;
            if present[*shingle] == 1 {
                shingles.holders[*shingle].iter().for_each(|f| shared[*f] += 1);
            }
        }
        // The last one stays, however long it is.
        while bytes > WINDOW && oldest + 1 < order.len() {
            let gone = order[oldest];
            oldest += 1;
            bytes -= bodies[gone].len();
            for shingle in &shingles.of[gone] {
                present[*shingle] -= 1;
                if present[*shingle] == 0 {
                    shingles.holders[*shingle].iter().for_each(|f| shared[*f] -= 1);
                }
            }
        }
        // The larger part, without division.
        let cost = |f: usize| bodies[f].len() + FLOOR;
        let larger = |a: usize, b: usize| if shared[b] * cost(a) > shared[a] * cost(b) { b } else { a };
        next = left.iter().copied().reduce(larger);
    }
    order
}

/// Runs of bytes that at least two functions have.
struct Shingles {
    /// The shingles of each function.
    of: Vec<Vec<usize>>,
    /// The functions of each shingle.
    holders: Vec<Vec<usize>>,
}

impl Shingles {
    fn of(bodies: &[&[u8]]) -> Self {
        let mut all: Vec<(u64, usize)> = Vec::new();
        for (function, body) in bodies.iter().enumerate() {
            all.extend(body.windows(SHINGLE).map(|w| (w.iter().fold(0, |n, b| n << 8 | u64::from(*b)), function)));
        }
        all.sort_unstable();
        all.dedup();
        let mut shingles = Shingles { of: vec![Vec::new(); bodies.len()], holders: Vec::new() };
        for same in all.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            same.iter().for_each(|(_, function)| shingles.of[*function].push(shingles.holders.len()));
            shingles.holders.push(same.iter().map(|(_, function)| *function).collect());
        }
        shingles
    }
}
