//! The seeded generator: the same numbers for the same seed, on every machine.
use crate::kernel::Timestamp;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From `low` to `high`, both possible.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// True `percent` times of a hundred.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    pub(super) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.0.random_range(0..choices.len())]
    }

    pub(super) fn moment(&mut self, from: Timestamp, to: Timestamp) -> Timestamp {
        from.plus_seconds(self.between(0, to.seconds_since(from).max(0)))
    }

    pub(super) fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        (0..count).map(|_| char::from(LETTERS[(self.0.next_u32() as usize) % LETTERS.len()])).collect()
    }

    /// An id whose order follows `at`, as UUIDv7 has it, and which is the same for the same seed.
    pub(super) fn id(&mut self, at: Timestamp) -> u128 {
        let millis = u128::from(u64::try_from(at.unix()).unwrap_or_default()) * 1_000;
        let random = (u128::from(self.0.next_u64()) << 64) | u128::from(self.0.next_u64());
        (millis << 80) | (7 << 76) | (random >> 64 & 0xfff) << 64 | (0b10 << 62) | (random & 0x3fff_ffff_ffff_ffff)
    }
}
