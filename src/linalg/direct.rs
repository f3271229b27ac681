//! Small dense matrix to bidiagonal matrix with the same singular values, in one stage.
//!
//! Golub & Kahan, *Calculating the singular values and pseudo-inverse of a matrix*, SIAM J. Numer.
//! Anal. 2 (1965): a reflector from the left clears a column below the diagonal, one from the right
//! clears a row right of the superdiagonal, in turn. Vector operations only: the way to go while
//! the matrix fits the first caches.

use faer::MatRef;
use pulp::{Arch, Simd, WithSimd};

use super::kernels::{axpy, dot, reflector};
use super::real::Real;

/// Columns start at multiples of this many entries and operations do too, so that none has a
/// remainder.
const ALIGNMENT: usize = 8;

/// Diagonal and superdiagonal of a bidiagonal matrix orthogonally equivalent to `a`, m × n with m ≥
/// n.
pub(super) fn bidiagonalize<T: Real>(a: MatRef<'_, T>) -> (Vec<T>, Vec<T>) {
    let (m, n) = a.shape();
    let height = m.next_multiple_of(ALIGNMENT);
    let mut entries = vec![T::ZERO; height * n];
    for (from, to) in a.col_iter().zip(entries.chunks_exact_mut(height)) {
        for (from, to) in from.iter().zip(to) {
            *to = *from;
        }
    }
    let mut diagonal = vec![T::ZERO; n];
    let mut superdiagonal = vec![T::ZERO; n.saturating_sub(1)];
    Arch::new().dispatch(Bidiagonalize {
        entries: &mut entries,
        height,
        diagonal: &mut diagonal,
        superdiagonal: &mut superdiagonal,
        work: &mut vec![T::ZERO; height + n],
    });
    (diagonal, superdiagonal)
}

/// The reduction, on columns of `height` entries.
struct Bidiagonalize<'a, T> {
    entries: &'a mut [T],
    height: usize,
    diagonal: &'a mut [T],
    superdiagonal: &'a mut [T],
    work: &'a mut [T],
}

impl<T: Real> WithSimd for Bidiagonalize<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Bidiagonalize {
            entries,
            height,
            diagonal,
            superdiagonal,
            work,
        } = self;
        let (y, u) = work.split_at_mut(height);
        let n = diagonal.len();
        for k in 0..n {
            let (done, rest) = entries.split_at_mut((k + 1) * height);
            let column = &mut done[k * height..];
            let left = reflector(&mut column[k..]);
            diagonal[k] = left.beta;
            if k + 1 == n {
                break;
            }
            // rows above the pivot are finished: what becomes of them does not matter, in v they
            // are zero
            let start = k - k % ALIGNMENT;
            column[start..k].fill(T::ZERO);
            let v = &column[start..];
            let u = &mut u[..n - k - 1];
            for (column, u) in rest.chunks_exact_mut(height).zip(u.iter_mut()) {
                let x = &mut column[start..];
                axpy(-left.tau * dot(v, x), v, x);
                *u = x[k - start];
            }
            let right = reflector(u);
            superdiagonal[k] = right.beta;
            let y = &mut y[start..];
            y.fill(T::ZERO);
            for (column, u) in rest.chunks_exact(height).zip(u.iter()) {
                axpy(*u, &column[start..], y);
            }
            for (column, u) in rest.chunks_exact_mut(height).zip(u.iter()) {
                axpy(-right.tau * *u, y, &mut column[start..]);
            }
        }
    }
}
