//! Vector kernels, written as loops over short arrays so that they take the machine's vector width
//! when inlined into a function dispatched by pulp.

use super::real::Real;

/// Accumulators of a dot product: enough to hide the latency of a fused multiply-add.
const CHAINS: usize = 32;

/// Σ xᵢ yᵢ.
#[inline(always)]
pub(super) fn dot<T: Real>(x: &[T], y: &[T]) -> T {
    let (xs, x_tail) = x.as_chunks::<CHAINS>();
    let (ys, y_tail) = y.as_chunks::<CHAINS>();
    let mut sums = [T::ZERO; CHAINS];
    for (x, y) in xs.iter().zip(ys) {
        for l in 0..CHAINS {
            sums[l] = x[l].mul_add(y[l], sums[l]);
        }
    }
    let (xs, x_tail) = x_tail.as_chunks::<8>();
    let (ys, y_tail) = y_tail.as_chunks::<8>();
    for (x, y) in xs.iter().zip(ys) {
        for l in 0..8 {
            sums[l] = x[l].mul_add(y[l], sums[l]);
        }
    }
    let mut sum = sum_of(sums);
    for (x, y) in x_tail.iter().zip(y_tail) {
        sum = x.mul_add(*y, sum);
    }
    sum
}

/// y ← y + a x.
#[inline(always)]
pub(super) fn axpy<T: Real>(a: T, x: &[T], y: &mut [T]) {
    let (xs, x_tail) = x.as_chunks::<8>();
    let (ys, y_tail) = y.as_chunks_mut::<8>();
    for (x, y) in xs.iter().zip(ys) {
        *y = add_scaled(a, x, y);
    }
    for (x, y) in x_tail.iter().zip(y_tail) {
        *y = a.mul_add(*x, *y);
    }
}

/// y + a x of short arrays: read whole before it is written, so that it stays in vector registers.
#[inline(always)]
pub(super) fn add_scaled<T: Real, const W: usize>(a: T, x: &[T; W], y: &[T; W]) -> [T; W] {
    let mut sum = *y;
    for l in 0..W {
        sum[l] = a.mul_add(x[l], sum[l]);
    }
    sum
}

/// Σ xᵢ yᵢ of two short arrays whose length is a multiple of eight.
#[inline(always)]
pub(super) fn dot_array<T: Real, const B: usize>(x: &[T; B], y: &[T; B]) -> T {
    let mut sums = [T::ZERO; 8];
    for (x, y) in x.as_chunks::<8>().0.iter().zip(y.as_chunks::<8>().0) {
        for l in 0..8 {
            sums[l] = x[l].mul_add(y[l], sums[l]);
        }
    }
    sum_of(sums)
}

/// Sum by halves: the order of a vector unit's reduction.
#[inline(always)]
fn sum_of<T: Real, const W: usize>(mut terms: [T; W]) -> T {
    let mut width = W;
    while width > 1 {
        width /= 2;
        for l in 0..width {
            terms[l] += terms[l + width];
        }
    }
    terms[0]
}

/// An elementary reflector `I − τ v vᵀ` that takes a vector to `β e₁`.
#[derive(Clone, Copy)]
pub(super) struct Reflector<T> {
    pub(super) tau: T,
    pub(super) beta: T,
}

/// Overwrites `x` by the `v`, with `v₁ = 1`, of the reflector that takes it to `β e₁`.
///
/// `β` has the sign opposite to `x₁`, so nothing cancels (Golub & Van Loan, section 5.1). A vector
/// with zeros below its first entry is left alone: `τ = 0`.
#[inline(always)]
pub(super) fn reflector<T: Real>(x: &mut [T]) -> Reflector<T> {
    let Some(first) = x.first_mut() else {
        return Reflector {
            tau: T::ZERO,
            beta: T::ZERO,
        };
    };
    let head = std::mem::replace(first, T::ZERO);
    let below = dot(x, x);
    finish_reflector(x, head, below)
}

/// The same for a short array.
#[inline(always)]
pub(super) fn reflector_array<T: Real, const B: usize>(x: &mut [T; B]) -> Reflector<T> {
    let head = std::mem::replace(&mut x[0], T::ZERO);
    let below = dot_array(x, x);
    finish_reflector(x, head, below)
}

/// The reflector from the first entry and the sum of the squares of the others.
#[inline(always)]
fn finish_reflector<T: Real>(x: &mut [T], head: T, below: T) -> Reflector<T> {
    if below == T::ZERO {
        x[0] = T::ONE;
        return Reflector {
            tau: T::ZERO,
            beta: head,
        };
    }
    let norm = head.mul_add(head, below).sqrt();
    let beta = if head >= T::ZERO { -norm } else { norm };
    let inverse = T::ONE / (head - beta);
    for x in x.iter_mut() {
        *x *= inverse;
    }
    x[0] = T::ONE;
    Reflector {
        tau: (beta - head) / beta,
        beta,
    }
}
