//! Random order from a recorded seed.

/// A small generator (SplitMix64; Steele, Lea and Flood 2014): one per block, so that a resumed run
/// draws what an uninterrupted one would have drawn.
#[derive(Clone, Debug)]
pub(super) struct Order(u64);

impl Order {
    /// The generator of a block.
    #[must_use]
    pub(super) fn of_block(seed: u32, block: i64) -> Order {
        let mut order = Order((u64::from(seed) << 32) ^ (block as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        order.next();
        order
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Puts items into random order, each order equally likely (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            // The bias of taking a 64-bit remainder of a small number is far below anything seen.
            items.swap(i, (self.next() % (i as u64 + 1)) as usize);
        }
    }
}

/// A seed for those who name none.
#[must_use]
pub fn fresh_seed() -> u32 {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
    Order(time ^ (u64::from(std::process::id()) << 40)).next() as u32
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn orders_are_even_and_repeat() {
        let mut counts = [0; 6];
        for block in 0..6000 {
            let mut items = [0, 1, 2];
            Order::of_block(1, block).shuffle(&mut items);
            counts[match items {
                [0, 1, 2] => 0,
                [0, 2, 1] => 1,
                [1, 0, 2] => 2,
                [1, 2, 0] => 3,
                [2, 0, 1] => 4,
                _ => 5,
            }] += 1;
        }
        // 1000 each with a standard deviation of 29.
        assert!(counts.iter().all(|c| (880..1120).contains(c)), "{counts:?}");
        let draw = |block| {
            let mut items: Vec<u32> = (0..20).collect();
            Order::of_block(9, block).shuffle(&mut items);
            items
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
