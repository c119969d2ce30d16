//! Inputs from inputs: bytes flipped, pieces moved, numbers replaced by those that break things.

/// Marsaglia's xorshift: fast, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        // Never 0, which would stay 0.
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `most`; 0 for 0.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        ((u128::from(self.next()) * most as u128) >> 64) as usize
    }

    /// A piece of something so long: where it begins and ends.
    fn piece(&mut self, length: usize, most: usize) -> (usize, usize) {
        let from = self.below(length + 1);
        // Short pieces are likelier.
        let most = most.min(length - from) >> self.below(6);
        (from, from + self.below(most + 1))
    }
}

const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "1",
    "-1",
    "0.1",
    "1e400",
    "-1e400",
    "1e-320",
    "NaN",
    "inf",
    "9e11",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "1e18",
    "00",
    "1e",
];
const BYTES: [u8; 16] = *b"\0\xff\x80\x7f\n\r\t \",:;{}[]";
const WORDS: [u64; 10] = [0, 1, 0x7f, 0x80, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, i64::MAX as u64, u64::MAX];

/// One to eight changes of an input; `other` lends pieces. At most `most` bytes long.
pub(crate) fn mutate(random: &mut Random, input: &[u8], other: &[u8], most: usize) -> Vec<u8> {
    let mut out = input.to_vec();
    for _ in 0..1 + random.below(8) {
        change(random, &mut out, other);
        out.truncate(most);
    }
    out
}

fn change(random: &mut Random, out: &mut Vec<u8>, other: &[u8]) {
    let length = out.len();
    match random.below(14) {
        0 if length > 0 => out[random.below(length)] ^= 1 << random.below(8),
        1 if length > 0 => out[random.below(length)] = random.next() as u8,
        2 if length > 0 => out[random.below(length)] = BYTES[random.below(BYTES.len())],
        3 => out.insert(random.below(length + 1), BYTES[random.below(BYTES.len())]),
        4 => drop(out.drain(range(random.piece(length, length)))),
        5 => {
            let piece = out[range(random.piece(length, 512))].to_vec();
            let at = random.below(length + 1);
            let times = 1 << random.below(7);
            drop(out.splice(at..at, piece.repeat(times)));
        }
        6 => {
            let piece = &other[range(random.piece(other.len(), 2048))];
            let at = random.below(length + 1);
            drop(out.splice(at..at, piece.iter().copied()));
        }
        7 => {
            let piece = &other[range(random.piece(other.len(), 2048))];
            let at = random.below(length + 1);
            let end = (at + piece.len()).min(length);
            drop(out.splice(at..end, piece.iter().copied()));
        }
        8 | 9 => {
            if let Some((from, to)) = run(random, out, |b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e'))
            {
                drop(out.splice(from..to, NUMBERS[random.below(NUMBERS.len())].bytes()));
            }
        }
        10 => {
            // A word of the other in place of one's own.
            let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if let (Some((a, b)), Some((from, to))) = (run(random, other, word), run(random, out, word)) {
                drop(out.splice(from..to, other[a..b].iter().copied()));
            }
        }
        11 => {
            // A line twice, or gone.
            if let Some((from, to)) = run(random, out, |b| b != b'\n') {
                let line =
                    if random.below(2) == 0 { Vec::new() } else { [&out[from..to], b"\n", &out[from..to]].concat() };
                drop(out.splice(from..to, line));
            }
        }
        12 => out.truncate(random.below(length + 1)),
        _ => {
            let word = WORDS[random.below(WORDS.len())].to_le_bytes();
            let width = 1 << random.below(4);
            let at = random.below(length + 1);
            let end = (at + width).min(length);
            drop(out.splice(at..end, word[..width].iter().copied()));
        }
    }
}

fn range((from, to): (usize, usize)) -> std::ops::Range<usize> {
    from..to
}

/// The stretch of bytes of a kind around, or behind, a random place.
fn run(random: &mut Random, bytes: &[u8], kind: impl Fn(u8) -> bool) -> Option<(usize, usize)> {
    let at = random.below(bytes.len());
    let begin = at + bytes.get(at..)?.iter().position(|b| kind(*b))?;
    let from = bytes[..begin].iter().rposition(|b| !kind(*b)).map_or(0, |p| p + 1);
    let to = bytes[begin..].iter().position(|b| !kind(*b)).map_or(bytes.len(), |p| begin + p);
    Some((from, to))
}
