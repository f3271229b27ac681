//! Matrix products on as many threads as pay.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use super::real::Real;

/// Multiplications from which a product is worth several threads: about a tenth of a millisecond of
/// one. faer's own limit is a hundred times lower, where waking a thread costs more than it saves.
const WORTH_THREADS: usize = 1 << 21;

/// `C ← α A B`, or `C ← C + α A B`.
///
/// Every entry is a sum in an order that does not depend on the number of threads.
pub(super) fn product<T: Real>(
    c: MatMut<'_, T>,
    accumulate: Accum,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    alpha: T,
    par: Par,
) {
    let small = c.nrows() * c.ncols() * a.ncols() < WORTH_THREADS;
    matmul(
        c,
        accumulate,
        a,
        b,
        alpha,
        if small { Par::Seq } else { par },
    );
}
