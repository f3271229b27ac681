//! Whole files: every tensor becomes a row.

use super::result::{Distance, FitRow, FitSummary, Fitted, ProductFits, SCHEMA_VERSION, Stored};
use super::{
    FitError, FitProgress, Inputs, Link, ProductFit, ProductPlan, ProductSettings, SolverConstants,
};
use crate::device::Device;
use crate::operator::basis::Given;
use crate::survey::{Assessment, Heading, Matrix, Meter, Progress, Survey, survey};
use crate::weights::{Chosen, Gap, Selection, Source};

/// What is fitted to every matrix.
#[derive(Debug, Clone, Copy)]
pub struct FitRequest<'a> {
    /// The settings.
    pub settings: &'a ProductSettings,
    /// The user's own matrices, factor by factor, in the place of families.
    pub basis: Option<&'a [Given]>,
    /// Activations that reach the layer.
    pub inputs: Option<&'a Inputs>,
}

/// The fits of all matrices of some files, planned: their bases are drawn.
#[derive(Debug)]
pub struct PlannedFits<'a> {
    request: FitRequest<'a>,
    sources: &'a [Source],
    selection: &'a Selection,
    /// One a tensor; `None` of those that are no matrix.
    plans: Vec<Result<Option<ProductPlan>, FitError>>,
}

impl<'a> PlannedFits<'a> {
    /// Plans the fit of every matrix of `sources` that `selection` names.
    ///
    /// # Errors
    ///
    /// [`FitError`] when the settings suit no matrix.
    pub fn new(
        sources: &'a [Source],
        selection: &'a Selection,
        request: FitRequest<'a>,
    ) -> Result<PlannedFits<'a>, FitError> {
        let chosen = Chosen::all(sources, selection);
        let plans: Vec<_> = chosen.iter().map(|tensor| request.plan(tensor)).collect();
        let is_plan = |plan: &Result<_, _>| matches!(plan, Ok(Some(_)));
        match plans.iter().find_map(|plan| plan.as_ref().err()) {
            Some(error) if !plans.iter().any(is_plan) => Err(error.clone()),
            _ => Ok(PlannedFits {
                request,
                sources,
                selection,
                plans,
            }),
        }
    }

    /// Returns about how many operations of these fits a device could do, by which it is chosen; 0 where there are none.
    #[must_use]
    pub fn device_flops(&self) -> u64 {
        let FitRequest {
            settings, inputs, ..
        } = self.request;
        let of = |plan: &ProductPlan| {
            let columns = inputs.map(|inputs| inputs.fitted.ncols());
            plan.device_flops(columns.unwrap_or(plan.shape.1))
        };
        let plans = self.plans.iter().flatten().flatten();
        let matrices = if settings.controls && inputs.is_none() {
            3
        } else {
            1
        };
        plans
            .map(of)
            .fold(0, u64::saturating_add)
            .saturating_mul(matrices)
    }

    /// Fits the matrices in order; what a device can do on `device`, without one on the processor.
    ///
    /// `progress` is told of every iteration; by returning `false` it ends the run, with the rows so far
    /// and the best fit of the matrix at hand.
    pub fn fit(
        self,
        device: Option<Device<'_>>,
        progress: impl FnMut(Progress<'_>) -> bool + Send,
    ) -> ProductFits {
        let (sources, selection) = (self.sources, self.selection);
        let fits = Fits {
            request: self.request,
            plans: self.plans,
            device,
        };
        survey(fits, sources, selection, progress)
    }
}

/// Fits every matrix of `sources` that `selection` names, as [`PlannedFits`] does.
///
/// # Errors
///
/// [`FitError`] before any work, when the settings suit no matrix.
pub fn fit_sources(
    sources: &[Source],
    selection: &Selection,
    request: &FitRequest<'_>,
    device: Option<Device<'_>>,
    progress: impl FnMut(Progress<'_>) -> bool + Send,
) -> Result<ProductFits, FitError> {
    let planned = PlannedFits::new(sources, selection, *request)?;
    Ok(planned.fit(device, progress))
}

struct Fits<'a> {
    request: FitRequest<'a>,
    plans: Vec<Result<Option<ProductPlan>, FitError>>,
    device: Option<Device<'a>>,
}

impl Survey for Fits<'_> {
    type Settings = ProductSettings;
    type Finding = Fitted;
    type Extra = FitSummary;
    type Prepared<'m> = ();

    fn heading(&self) -> Heading<ProductSettings> {
        Heading {
            schema_version: SCHEMA_VERSION,
            seed: self.request.settings.seed,
            settings: self.request.settings.clone(),
        }
    }

    fn admit(&self, tensor: &Chosen<'_>, position: usize) -> Result<(), Gap> {
        match &self.plans[position] {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(left_out(tensor)),
            Err(error) => Err(Gap::failed(error)),
        }
    }

    fn prepare<'m>(&self, tensors: &[Matrix<'m>]) -> Vec<Result<(), Gap>> {
        vec![Ok(()); tensors.len()]
    }

    fn assess(&mut self, matrix: &Matrix<'_>, (): &(), meter: &Meter<'_>) -> Assessment<Fitted> {
        // Taken out, so that the terms it keeps go with it.
        let plan = std::mem::replace(&mut self.plans[matrix.position], Ok(None));
        let plan = plan.ok().flatten().expect("the plan of an admitted tensor");
        let fit = self.fitted(plan, matrix, meter).map_err(Gap::failed);
        let fitted = fit.map(|fit| Fitted {
            stored: Some(stored(matrix)),
            fit: Some(fit),
        });
        fitted.into()
    }

    fn conclude(self, rows: &mut [FitRow]) -> FitSummary {
        FitSummary {
            solver_constants: SolverConstants::default(),
            basis_file: None,
            inputs_file: None,
            distance: distance(rows),
        }
    }
}

impl Fits<'_> {
    fn fitted(
        &mut self,
        mut plan: ProductPlan,
        matrix: &Matrix<'_>,
        meter: &Meter<'_>,
    ) -> Result<ProductFit, FitError> {
        let scale = matrix.entries.scale;
        if !scale.is_one() && plan.links[0] != Link::Identity {
            return Err(FitError::Range);
        }
        plan.keep_terms();
        let mut observe = |fit: FitProgress| meter.goes_on(fit.share(), &fit.to_string());
        let (device, inputs) = (self.device.as_mut(), self.request.inputs);
        let mut fit = plan.fit_on(device, matrix.values(), inputs, &mut observe)?;
        // The first factor carries the scale that was taken out.
        let first = fit.coefficients[0].iter_mut();
        first.for_each(|a| *a = scale.restore(*a));
        fit.distance = scale.restore(fit.distance);
        fit.frobenius_norm = scale.restore(fit.frobenius_norm);
        Ok(fit)
    }
}

/// Returns why a tensor has no plan.
fn left_out(tensor: &Chosen<'_>) -> Gap {
    tensor.gap().unwrap_or_else(|| {
        let blocks = tensor.view().map_or(0, |view| view.blocks);
        Gap::skipped(format!("a stack of {blocks} matrices; a fit is of one"))
    })
}

/// Returns how the tensor of a fit is stored.
fn stored(matrix: &Matrix<'_>) -> Stored {
    let info = matrix.tensor.info();
    Stored {
        name: info.weight_name(),
        dtype: info.dtype.to_string(),
        shape: info.shape.clone(),
        transposed: matrix.entries.view.transposed,
    }
}

impl FitRequest<'_> {
    /// Returns the plan for a tensor that is one matrix.
    fn plan(&self, tensor: &Chosen<'_>) -> Result<Option<ProductPlan>, FitError> {
        let one = tensor.view().filter(|view| view.blocks == 1);
        let Some(view) = one.filter(|_| tensor.gap().is_none()) else {
            return Ok(None);
        };
        let shape = (view.rows, view.columns);
        let given = self.inputs.map(Inputs::columns);
        if let Some(found) = given.filter(|&n| n != view.columns) {
            return Err(FitError::Inputs {
                found,
                columns: view.columns,
            });
        }
        let plan = match self.basis {
            Some(basis) => ProductPlan::given(self.settings, shape, basis),
            None => ProductPlan::new(self.settings, shape),
        };
        plan.map(Some)
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
