//! The same work on many values at once, `W` to a chunk, each in a lane of the vector registers.

use faer::Par;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::real::Real;

/// Work on `W` neighbouring values, done at the machine's vector width.
pub(super) trait ChunkKernel<T: Real, const W: usize>: Sync {
    /// Replaces `x`, which belongs to the values with ascending indices from `first` on.
    fn call(&self, first: usize, x: &[T; W]) -> [T; W];
}

/// Replaces chunks of `W` values by what `kernel` makes of them, the last one filled up with ones.
///
/// Chunks are the same whatever `par`, and so is the result.
pub(super) fn for_each_chunk<T: Real, const W: usize>(
    values: &mut [T],
    par: Par,
    kernel: &impl ChunkKernel<T, W>,
) {
    let arch = Arch::new();
    let call = |(c, chunk): (usize, &mut [T])| {
        let mut x = [T::ONE; W];
        x[..chunk.len()].copy_from_slice(chunk);
        let result = arch.dispatch(Dispatched {
            kernel,
            first: c * W,
            x: &x,
        });
        chunk.copy_from_slice(&result[..chunk.len()]);
    };
    if par.degree() > 1 && values.len() > 8 * W {
        values.par_chunks_mut(W).enumerate().for_each(call);
    } else {
        values.chunks_mut(W).enumerate().for_each(call);
    }
}

/// A kernel and its arguments on the way through the choice of the instruction set.
struct Dispatched<'a, T, K, const W: usize> {
    kernel: &'a K,
    first: usize,
    x: &'a [T; W],
}

impl<T: Real, K: ChunkKernel<T, W>, const W: usize> WithSimd for Dispatched<'_, T, K, W> {
    type Output = [T; W];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [T; W] {
        self.kernel.call(self.first, self.x)
    }
}
