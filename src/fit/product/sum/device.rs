//! Single sums too large to hold, their products on a device in single precision.

use super::preconditioned::Preconditioner;
use super::step::Step;
use super::{Linear, Method};
use crate::device::{Device, failure};
use crate::fit::product::{DeviceFit, FitError, Target};
use crate::linalg::algebra::norm;
use crate::operator::basis::Basis;
use crate::program::{ExecError, Generated};
use faer::Mat;

/// Most refinements: each leaves less than a thousandth, and all digits are some 16.
const MOST_REFINEMENTS: usize = 10;

/// Solves min ‖(Σ aₖ Gₖ - W) Z‖ as [`preconditioned`](super::preconditioned::preconditioned) does, its iterations on the
/// device in single precision, and refined: the residual `R = (W - Σ aₖ Gₖ) Z` and its gradient are made in double
/// precision by the processor, and the device solves for what is left in R, until nothing is gained. None where the
/// device has no memory and was not asked for.
///
/// # Errors
///
/// [`FitError::Device`] where the device fails, [`FitError::Inaccurate`] where it does not lead to the solution.
pub fn solve_on(
    device: &mut Device<'_>,
    basis: &dyn Basis,
    matrices: Generated,
    target: Target<'_>,
    seed: u64,
) -> Result<Option<(Linear, DeviceFit)>, FitError> {
    let (name, is_requested) = (device.name().to_owned(), device.is_requested());
    let exec = device.single();
    let failed = |error: ExecError| FitError::Device {
        device: name.clone(),
        reason: failure(error),
    };
    let inputs = target.inputs;
    let step = Step::new(matrices, inputs);
    match step.prepare(exec, inputs) {
        Err(
            ExecError::OutOfMemory { .. }
            | ExecError::OutOfHostMemory { .. }
            | ExecError::Refused { .. },
        ) if !is_requested => {
            return Ok(None);
        }
        prepared => prepared.map_err(failed)?,
    }
    let preconditioner = Preconditioner::new(basis, inputs, seed);
    let whole = target.times_inputs(target.w);
    let gradient_of = |r: &Mat<f64>| basis.correlate(target.carried_back(r.as_ref()).as_ref());
    let size = whole.norm_l2();
    let (entries, terms) = (whole.nrows() * whole.ncols(), basis.terms());
    // The inner products are some rounding errors of the residual each.
    let floor = (terms as f64).sqrt() * f64::EPSILON * size;
    let mut y = vec![0.0; preconditioner.rank()];
    let mut residual = whole.clone();
    let mut raw = gradient_of(&residual);
    let mut gradient = preconditioner.adjoint(&raw);
    let (mut iterations, mut refinements) = (0, 0);
    while norm(&gradient) > floor && refinements < MOST_REFINEMENTS {
        let found = step.lsqr(exec, &preconditioner, &residual, &gradient);
        let (correction, count) = found.map_err(failed)?;
        iterations += count;
        refinements += 1;
        let corrected: Vec<f64> = y.iter().zip(correction).map(|(y, x)| y + x).collect();
        let sum = basis.combine(&preconditioner.coefficients(&corrected));
        let next = &whole - target.times_inputs(sum.as_ref());
        let next_raw = gradient_of(&next);
        let next_gradient = preconditioner.adjoint(&next_raw);
        let gain = norm(&next_gradient) / norm(&gradient);
        // NaN gains nothing
        if gain < 1.0 {
            (y, residual, raw, gradient) = (corrected, next, next_raw, next_gradient);
        }
        if gain.is_nan() || gain > 0.5 {
            break;
        }
    }
    let left = norm(&raw) / (preconditioner.largest * size).max(f64::MIN_POSITIVE);
    let bound = entries as f64 * f64::EPSILON;
    if left.is_nan() || left > bound {
        return Err(FitError::Inaccurate {
            device: name,
            gradient: format!("{left:.1e}"),
            bound: format!("{bound:.1e}"),
        });
    }
    let linear = Linear {
        coefficients: preconditioner.coefficients(&y),
        condition: preconditioner.condition,
        method: Method::Preconditioned,
        iterations,
        converged: true,
    };
    let accuracy = DeviceFit {
        name,
        refinements,
        gradient: left,
    };
    Ok(Some((linear, accuracy)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Cpu;
    use crate::family::terms::BasisFamily;
    use crate::fit::product::sum::{Workspace, linear};
    use crate::fit::product::{ProductPlan, ProductSettings};
    use crate::program::{Buffer, Exec, Plan};
    use crate::random::Stream;

    fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
        let mut stream = Stream::new(seed, &[]);
        Mat::from_fn(rows, columns, |_, _| stream.normal())
    }

    fn plan(family: BasisFamily, terms: usize) -> ProductPlan {
        let settings = ProductSettings {
            families: vec![family],
            terms: vec![terms],
            memory: 1,
            seed: 7,
            ..ProductSettings::default()
        };
        ProductPlan::new(&settings, (30, 41)).unwrap()
    }

    /// A machine whose numbers are off by this share.
    struct Off(Cpu<f32>, f64);

    impl Exec for Off {
        fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
            self.0.prepare(plan)
        }
        fn write(&mut self, buffer: Buffer, data: &[f64]) {
            self.0.write(buffer, data);
        }
        fn run(&mut self) -> Result<(), ExecError> {
            self.0.run()
        }
        fn follow(&mut self, buffer: Buffer) {
            self.0.follow(buffer);
        }
        fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
            self.0.followed(values, all)
        }
        fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
            let mut values = self.0.read(buffer)?;
            let signs = (0..).map(|k| if k % 2 == 0 { 1.0 } else { -1.0 });
            for (x, sign) in values.iter_mut().zip(signs) {
                *x *= 1.0 + sign * self.1;
            }
            Ok(values)
        }
    }

    /// Refined in single precision against reflections in double, both laws, with inputs and without: the coefficients are
    /// the same to the rounding of inner products of so many entries, and so many refinements are needed as single precision
    /// has digits. Catches other terms, a lost refinement, a solution in single precision.
    #[test]
    fn refined_sums_are_the_sums_of_reflections() {
        let (w, z) = (random(30, 41, 1), random(41, 60, 2));
        for family in [BasisFamily::GAUSSIAN, BasisFamily::RADEMACHER] {
            for (inputs, terms) in [(None, 9), (Some(&z), 80)] {
                let plan = plan(family, terms);
                let basis = &*plan.stages[0].bases[0].basis;
                let matrices = plan.generated(Some(family), terms).unwrap();
                let target = Target::new(w.as_ref(), inputs);
                let workspace = Workspace {
                    numbers: usize::MAX,
                    seed: 7,
                };
                let outright = linear(basis, target, workspace);
                for off in [0.0, 1e-3] {
                    let mut device = Device::new("twin", |_| Box::new(Off(Cpu::new(), off)));
                    let found = solve_on(&mut device, basis, matrices, target, 7);
                    let (found, accuracy) = found.unwrap().unwrap();
                    let size = outright
                        .coefficients
                        .iter()
                        .fold(0.0, |m: f64, a| m.max(a.abs()));
                    let columns = inputs.map_or(41, Mat::ncols);
                    // Of an inner product of all entries, times the condition, with the norm of W over that of its fit.
                    let bound = 30.0 * columns as f64 * f64::EPSILON * outright.condition.powi(2);
                    let bound = bound * (30.0 * 41.0 / terms as f64).sqrt() * size;
                    for (a, b) in found.coefficients.iter().zip(&outright.coefficients) {
                        assert!((a - b).abs() <= bound, "{family:?} {terms} {off}: {a} {b}");
                    }
                    assert!(
                        (2..=MOST_REFINEMENTS).contains(&accuracy.refinements),
                        "{accuracy:?}"
                    );
                    assert!(accuracy.gradient <= 1e-13, "{accuracy:?}");
                }
            }
        }
    }

    /// A machine whose numbers are no numbers of the sum is found out: catches a check that cannot fail.
    #[test]
    fn wrong_sums_are_refused() {
        let plan = plan(BasisFamily::GAUSSIAN, 9);
        let matrices = plan.generated(Some(BasisFamily::GAUSSIAN), 9).unwrap();
        let mut device = Device::new("the wrong one", |_| Box::new(Off(Cpu::new(), -3.0)));
        let w = random(30, 41, 1);
        let basis = &*plan.stages[0].bases[0].basis;
        let found = solve_on(
            &mut device,
            basis,
            matrices,
            Target::new(w.as_ref(), None),
            7,
        );
        let sentence = found.unwrap_err().to_string();
        let right = sentence.contains("the wrong one") && sentence.contains("on the CPU");
        assert!(right, "{sentence}");
    }

    /// A device is for single sums of independent entries that memory cannot hold: catches one that is left idle, and one
    /// that is given what it cannot do.
    #[test]
    fn a_device_is_for_large_sums() {
        let flops = |family, terms: usize, change: &dyn Fn(&mut ProductSettings)| {
            let mut settings = ProductSettings {
                families: vec![family],
                terms: vec![terms],
                memory: 1,
                ..ProductSettings::default()
            };
            change(&mut settings);
            ProductPlan::new(&settings, (40, 50))
                .unwrap()
                .device_flops(50)
        };
        let unchanged = |_: &mut ProductSettings| {};
        assert!(flops(BasisFamily::GAUSSIAN, 60, &unchanged) >= 4 * 60 * 2000);
        assert!(flops(BasisFamily::RADEMACHER, 60, &unchanged) > 0);
        assert_eq!(
            flops(BasisFamily::GAUSSIAN, 10, &unchanged),
            0,
            "held in memory"
        );
        assert_eq!(flops(BasisFamily::CIRCULANT, 50, &unchanged), 0);
        assert_eq!(flops(BasisFamily::GAUSSIAN, 60, &|s| s.residual = true), 0);
        assert_eq!(flops(BasisFamily::GAUSSIAN, 60, &|s| s.factors = 2), 0);
    }
}
