//! Chance that a seed decides: the same throws in every run.

/// SplitMix64 (Steele, Lea, Flood 2014): few lines, and good enough to choose what goes wrong.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `from` to `to`, both included.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.throw() % (to - from + 1)
    }

    /// True once in `many` throws.
    pub(crate) fn once_in(&mut self, many: u64) -> bool {
        self.throw().is_multiple_of(many)
    }

    /// One of them, each as likely as the others.
    pub(crate) fn one_of<T: Copy>(&mut self, choice: &[T]) -> T {
        choice[usize::try_from(self.throw() % choice.len() as u64).unwrap()]
    }
}
