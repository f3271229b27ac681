//! Fast Fourier and cosine transforms, by rustfft, realfft and rustdct.

use crate::program::{TrigonometricTransform, Waves};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, FftNum, RealFftPlanner, RealToComplex};
use rustdct::{DctNum, DctPlanner, TransformType2And3};
use std::fmt::{self, Debug};
use std::sync::Arc;

/// `v ← T v` or `v ← Tᵀ v`, all N numbers of a column.
pub trait ColumnTransform<T>: Debug + Send + Sync {
    /// Transforms `column`.
    fn apply(&self, column: &mut [T]);
}

/// Makes ready what a transform needs besides its numbers.
pub(super) fn prepare<T: FftNum + DctNum>(
    p: &TrigonometricTransform,
) -> Arc<dyn ColumnTransform<T>> {
    let order = p.order;
    match (p.waves, p.transposed) {
        (Waves::Fourier, false) => Arc::new(Fourier(RealFftPlanner::new().plan_fft_forward(order))),
        (Waves::Fourier, true) => Arc::new(Waved(RealFftPlanner::new().plan_fft_inverse(order))),
        (Waves::Cosine, transposed) => Arc::new(Cosines {
            plan: DctPlanner::new().plan_dct2(order),
            transposed,
        }),
    }
}

/// Sums with cosines, then with sines.
struct Fourier<T>(Arc<dyn RealToComplex<T>>);

impl<T: FftNum> ColumnTransform<T> for Fourier<T> {
    fn apply(&self, column: &mut [T]) {
        let mut spectrum = self.0.make_output_vec();
        let done = self.0.process(column, &mut spectrum);
        done.expect("vectors of the plan's lengths");
        let (cosines, sines) = column.split_at_mut(spectrum.len());
        cosines
            .iter_mut()
            .zip(&spectrum)
            .for_each(|(x, z)| *x = z.re);
        sines
            .iter_mut()
            .zip(&spectrum[1..])
            .for_each(|(x, z)| *x = -z.im);
    }
}

/// Sums of cosines and sines.
struct Waved<T>(Arc<dyn ComplexToReal<T>>);

impl<T: FftNum> ColumnTransform<T> for Waved<T> {
    fn apply(&self, column: &mut [T]) {
        let mut spectrum = self.0.make_input_vec();
        let half = T::from_f64(0.5).expect("a half");
        let (cosines, sines) = column.split_at(spectrum.len());
        for (z, &x) in spectrum.iter_mut().zip(cosines) {
            *z = Complex::new(x, T::zero());
        }
        for (z, &x) in spectrum[1..].iter_mut().zip(sines) {
            *z = Complex::new(z.re * half, -x * half);
        }
        let done = self.0.process(&mut spectrum, column);
        done.expect("vectors of the plan's lengths");
    }
}

/// The orthonormal DCT-II, or its transpose, the DCT-III.
struct Cosines<T> {
    plan: Arc<dyn TransformType2And3<T>>,
    transposed: bool,
}

impl<T: DctNum> ColumnTransform<T> for Cosines<T> {
    fn apply(&self, column: &mut [T]) {
        let scale = |share: f64| T::from_f64((share / column.len() as f64).sqrt());
        let [first, others] = [1.0, 2.0].map(|share| scale(share).expect("a number"));
        if self.transposed {
            // its first number counts by half there
            multiply(column, first + first, others);
            self.plan.process_dct3(column);
        } else {
            self.plan.process_dct2(column);
            multiply(column, first, others);
        }
    }
}

fn multiply<T: DctNum>(column: &mut [T], first: T, others: T) {
    column[0] = column[0] * first;
    column[1..].iter_mut().for_each(|x| *x = *x * others);
}

impl<T> Debug for Fourier<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fourier")
    }
}

impl<T> Debug for Waved<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waved")
    }
}

impl<T> Debug for Cosines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cosines")
    }
}
