//! Whole files: every tensor becomes a row.

use super::result::{Distance, FitRow, ProductFits, SCHEMA_VERSION, Stored};
use super::{
    FitError, FitProgress, Inputs, Link, ProductFit, ProductPlan, ProductSettings, SolverConstants,
    SumDevice,
};
use crate::operator::basis::Given;
use crate::weights::{Chosen, FileIdentity, Gap, NonFinite, Selection, Source, Status, normalise};
use faer::{Mat, MatRef};
use libm::ldexp;

/// What is fitted to every matrix.
#[derive(Debug)]
pub struct FitRequest<'a> {
    /// The settings.
    pub settings: &'a ProductSettings,
    /// The user's own matrices, factor by factor, in the place of families.
    pub basis: Option<&'a [Given]>,
    /// Activations that reach the layer.
    pub inputs: Option<&'a Inputs>,
}

/// Which part of the work is at hand.
#[derive(Debug, Clone)]
pub struct SourceProgress<'a> {
    /// Matrices finished, and of all.
    pub done: usize,
    /// Matrices.
    pub total: usize,
    /// The tensor now fitted.
    pub tensor: &'a str,
    /// How far its fit is.
    pub fit: FitProgress,
}

/// Fits every matrix of `sources` that `selection` names, in order; what a device can do on `device`, without one on the
/// processor.
///
/// `progress` is told of every iteration; by returning `false` it ends the run, with the rows so far
/// and the best fit of the matrix at hand.
///
/// # Errors
///
/// [`FitError`] before any work, when the settings suit no matrix.
pub fn fit_sources(
    sources: &[Source],
    selection: &Selection,
    request: &FitRequest<'_>,
    mut device: Option<SumDevice<'_>>,
    mut progress: impl FnMut(SourceProgress<'_>) -> bool,
) -> Result<ProductFits, FitError> {
    let chosen = Chosen::all(sources, selection);
    let plans: Vec<_> = chosen.iter().map(|tensor| request.plan(tensor)).collect();
    let total = plans
        .iter()
        .filter(|plan| matches!(plan, Ok(Some(_))))
        .count();
    if total == 0
        && let Some(error) = plans.iter().find_map(|plan| plan.as_ref().err())
    {
        return Err(error.clone());
    }
    let mut fits: Vec<FitRow> = Vec::new();
    let mut complete = true;
    let mut done = 0;
    for (tensor, plan) in chosen.iter().zip(plans) {
        if !complete {
            break;
        }
        let name = tensor.name();
        let found = match plan {
            Err(error) => Err(Gap::failed(error)),
            Ok(None) => Err(left_out(tensor)),
            Ok(Some(mut plan)) => {
                plan.keep_terms();
                let mut observe = |fit| {
                    complete &= progress(SourceProgress {
                        done,
                        total,
                        tensor: &name,
                        fit,
                    });
                    complete
                };
                let found = request.fit(&plan, tensor, device.as_mut(), &mut observe);
                done += 1;
                found
            }
        };
        let (status, reason, fit) = match found {
            Ok(fit) => (Status::Analyzed, None, Some(fit)),
            Err(Gap { status, reason }) => (status, Some(reason), None),
        };
        fits.push(FitRow {
            name: name.clone(),
            file: tensor.file(),
            status,
            reason,
            shape: tensor.info().shape.clone(),
            stored: stored(tensor),
            fit,
        });
    }
    Ok(ProductFits {
        schema_version: SCHEMA_VERSION,
        program: format!("spectra {}", env!("CARGO_PKG_VERSION")),
        seed: request.settings.seed,
        settings: request.settings.clone(),
        solver_constants: SolverConstants::default(),
        basis_file: None,
        inputs_file: None,
        selection: selection.clone(),
        files: sources.iter().map(FileIdentity::of).collect(),
        warnings: sources.iter().flat_map(|s| s.warnings().to_vec()).collect(),
        complete: complete && fits.len() == chosen.len(),
        distance: distance(&fits),
        fits,
    })
}

/// About how many operations of these fits a device could do, by which it is chosen; 0 where there are none.
pub fn device_flops(sources: &[Source], selection: &Selection, request: &FitRequest<'_>) -> u64 {
    let of = |tensor: &Chosen<'_>| match request.plan(tensor) {
        Ok(Some(plan)) => {
            let columns = request.inputs.map(|inputs| inputs.fitted.ncols());
            plan.device_flops(columns.unwrap_or(plan.shape.1))
        }
        _ => 0,
    };
    let chosen = Chosen::all(sources, selection);
    let controls = request.settings.controls && request.inputs.is_none();
    let matrices = if controls { 3 } else { 1 };
    chosen
        .iter()
        .map(of)
        .fold(0, u64::saturating_add)
        .saturating_mul(matrices)
}

/// Returns why a tensor has no plan.
fn left_out(tensor: &Chosen<'_>) -> Gap {
    tensor.gap().unwrap_or_else(|| {
        let blocks = tensor.view().map_or(0, |view| view.blocks);
        let reason = format!("a stack of {blocks} matrices; a fit is of one");
        Gap::skipped(reason)
    })
}

/// Returns how the tensor of a fit is stored.
fn stored(tensor: &Chosen<'_>) -> Option<Stored> {
    let info = tensor.info();
    Some(Stored {
        name: info.weight_name(),
        dtype: info.dtype.to_string(),
        shape: info.shape.clone(),
        transposed: tensor.view()?.transposed,
    })
}

impl FitRequest<'_> {
    /// The plan for a tensor that is one matrix.
    fn plan(&self, tensor: &Chosen<'_>) -> Result<Option<ProductPlan>, FitError> {
        let one = tensor.view().filter(|view| view.blocks == 1);
        let Some(view) = one.filter(|_| tensor.gap().is_none()) else {
            return Ok(None);
        };
        let shape = (view.rows, view.columns);
        if let Some(found) = self
            .inputs
            .map(Inputs::columns)
            .filter(|&n| n != view.columns)
        {
            return Err(FitError::Inputs {
                found,
                columns: view.columns,
            });
        }
        match self.basis {
            Some(basis) => ProductPlan::given(self.settings, shape, basis),
            None => ProductPlan::new(self.settings, shape),
        }
        .map(Some)
    }

    fn fit(
        &self,
        plan: &ProductPlan,
        tensor: &Chosen<'_>,
        device: Option<&mut SumDevice<'_>>,
        observe: &mut dyn FnMut(FitProgress) -> bool,
    ) -> Result<ProductFit, Gap> {
        let (mut data, view) = tensor.read()?;
        let failed = |error: FitError| Gap::failed(error);
        let exponent = normalise(&mut data);
        if exponent != 0 && plan.links[0] != Link::Identity {
            return Err(failed(FitError::Range));
        }
        let w = view.block(&data, 0);
        let found = plan.fit_on(device, w, self.inputs, observe);
        let mut fit = found.map_err(failed)?;
        // The first factor carries the scale that was taken out.
        fit.coefficients[0]
            .iter_mut()
            .for_each(|a| *a = ldexp(*a, exponent));
        fit.distance = ldexp(fit.distance, exponent);
        fit.frobenius_norm = ldexp(fit.frobenius_norm, exponent);
        Ok(fit)
    }
}

fn distance(rows: &[FitRow]) -> Option<Distance> {
    let fits: Vec<&ProductFit> = rows.iter().filter_map(|row| row.fit.as_ref()).collect();
    let count = fits.len();
    let mean =
        |of: fn(&ProductFit) -> f64| fits.iter().map(|fit| of(fit)).sum::<f64>() / count as f64;
    let maximum = |of: fn(&ProductFit) -> f64| fits.iter().map(|fit| of(fit)).fold(0.0, f64::max);
    (count > 0).then(|| Distance {
        matrices: count,
        mean: mean(|fit| fit.distance),
        maximum: maximum(|fit| fit.distance),
        relative_mean: mean(|fit| fit.relative_residual),
        relative_maximum: maximum(|fit| fit.relative_residual),
    })
}

/// The matrices of arrays (K, rows, columns) named `M1` … `Mp`, in order.
///
/// # Errors
///
/// A sentence that names the array that is missing, or is none, or is not finite.
pub fn given_bases(source: &Source) -> Result<Vec<Given>, String> {
    let named = |j: usize| {
        let tensors = source.tensors().iter();
        tensors.enumerate().find(|(_, t)| t.name == format!("M{j}"))
    };
    let mut bases = Vec::new();
    for j in 1.. {
        let Some((index, info)) = named(j) else { break };
        let &[terms, rows, columns] = info.shape.as_slice() else {
            return Err(format!(
                "M{j} has the shape {:?}; (terms, rows, columns) is needed",
                info.shape
            ));
        };
        if terms * rows * columns == 0 {
            return Err(format!(
                "M{j} has the shape {:?} and so no entries",
                info.shape
            ));
        }
        let tensor = source.read(index).map_err(|error| error.to_string())?;
        if NonFinite::find(&tensor.data).is_some() {
            return Err(format!("M{j} has entries that are NaN or infinite"));
        }
        bases.push(Given::new(rows, columns, tensor.data));
    }
    let numbered = |name: &str| {
        name.strip_prefix('M')
            .is_some_and(|j| j.parse::<usize>().is_ok())
    };
    let all = source
        .tensors()
        .iter()
        .filter(|t| numbered(&t.name))
        .count();
    if !bases.is_empty() && all > bases.len() {
        return Err(format!(
            "has {all} arrays M, but none called M{}",
            bases.len() + 1
        ));
    }
    match bases.is_empty() {
        true => {
            Err("holds no array M1; a basis has arrays M1 … Mp, each (terms, rows, columns)".into())
        }
        false => Ok(bases),
    }
}

/// The only matrix of a file of inputs, samples by numbers.
///
/// # Errors
///
/// A sentence.
pub fn input_matrix(source: &Source) -> Result<Mat<f64>, String> {
    let [info] = source.tensors() else {
        return Err(format!(
            "holds {} arrays; inputs are one, (samples, numbers)",
            source.tensors().len()
        ));
    };
    let &[samples, numbers] = info.shape.as_slice() else {
        return Err(format!(
            "has the shape {:?}; (samples, numbers) is needed",
            info.shape
        ));
    };
    let tensor = source.read(0).map_err(|error| error.to_string())?;
    if tensor.data.iter().any(|x| !x.is_finite()) {
        return Err("has entries that are NaN or infinite".into());
    }
    Ok(MatRef::from_row_major_slice(&tensor.data, samples, numbers).to_owned())
}
