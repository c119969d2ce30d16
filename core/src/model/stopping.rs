//! The plan by which a measurement was allowed to stop early.

use alloc::vec::Vec;

/// More blocks than a plan can hold, and more ways to end than are told apart.
const MOST: u64 = 1_000_000;

/// After how many blocks a measurement could have ended, as far as that depends on its data. What was
/// looked at in this way must not be judged as if the number of blocks had been fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopping {
    /// Blocks at each planned look, rising; the last is the most blocks there could have been. Their
    /// boundaries are those of the O'Brien-Fleming-like spending function. Empty: by a rule that is not
    /// known, or several plans joined.
    pub looks: Vec<u64>,
    /// In how many ways it could have ended, at least 1: the number of looks, or the product of those of
    /// the plans joined.
    pub ways: u64,
    /// For a run that could end after any block, by a confidence sequence: the number of blocks at which that is
    /// tightest.
    pub any_time: Option<u64>,
    /// For a run that could end after any block, by bets on signs.
    pub signs: bool,
}

impl Stopping {
    /// A plan of looks. What does not rise from at least 2 to at most a million is no plan: then only
    /// the number of looks counts.
    #[must_use]
    pub fn looks(looks: Vec<u64>) -> Stopping {
        let ways = (looks.len() as u64).clamp(1, MOST);
        let rises = looks.windows(2).all(|w| matches!(w, [a, b] if a < b));
        let fits = rises && looks.first().is_some_and(|n| *n >= 2) && looks.last().is_some_and(|n| *n <= MOST);
        Stopping { looks: if fits { looks } else { Vec::new() }, ways, any_time: None, signs: false }
    }

    /// A rule that is not known, which may have looked after each block.
    #[must_use]
    pub fn unknown(cap: u64) -> Stopping {
        Stopping { looks: Vec::new(), ways: cap.clamp(1, MOST), any_time: None, signs: false }
    }

    /// A confidence sequence that is tightest after so many blocks; it holds at any number of them.
    #[must_use]
    pub fn any_time(tightest: u64) -> Stopping {
        Stopping { any_time: Some(tightest.clamp(1, MOST)), ..Stopping::unknown(tightest) }
    }

    /// Bets on signs, planned for so many blocks; they hold at any number of them.
    #[must_use]
    pub fn signs(cap: u64) -> Stopping {
        Stopping { signs: true, ..Stopping::unknown(cap) }
    }

    /// What holds for the values of both together; `None` when neither depended on its data.
    #[must_use]
    pub fn join(a: Option<&Stopping>, b: Option<&Stopping>) -> Option<Stopping> {
        match (a, b) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(Stopping::unknown(one.ways)),
            (Some(a), Some(b)) => Some(Stopping::unknown(a.ways.saturating_mul(b.ways))),
        }
    }
}
