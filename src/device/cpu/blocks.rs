//! Neighbours taken so many at a time that a compiler keeps them in registers.

use pulp::NullaryFnOnce;

/// Something done to `N` neighbours at a time, from `at` on.
pub(super) trait Block {
    fn run<const N: usize>(&mut self, at: usize);
}

/// Runs `block` over `length` neighbours.
pub(super) struct InBlocks<B> {
    pub length: usize,
    pub block: B,
}

impl<B: Block> NullaryFnOnce for InBlocks<B> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let InBlocks { length, mut block } = self;
        let mut at = 0;
        while at + 64 <= length {
            block.run::<64>(at);
            at += 64;
        }
        while at + 16 <= length {
            block.run::<16>(at);
            at += 16;
        }
        while at + 4 <= length {
            block.run::<4>(at);
            at += 4;
        }
        while at < length {
            block.run::<1>(at);
            at += 1;
        }
    }
}

/// The `N` of `x` from `start` on.
#[inline(always)]
pub(super) fn neighbours<const N: usize, T>(x: &[T], start: usize) -> &[T; N] {
    x[start..].first_chunk().expect("as many neighbours")
}

/// The `N` of `x` from `start` on.
#[inline(always)]
pub(super) fn neighbours_mut<const N: usize, T>(x: &mut [T], start: usize) -> &mut [T; N] {
    x[start..].first_chunk_mut().expect("as many neighbours")
}
