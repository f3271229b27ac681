//! What a fit finds, as plain serialisable data: the JSON contract of `fit-basis`.

use super::{Link, Method, ProductSettings, SolverConstants, Stopped};
use crate::family::random_subspace::share_deviation;
use crate::family::terms::BasisFamily;
use crate::fit::{Shares, Thresholds, Verdict, VerdictKind};
use crate::survey::{Extra, Finding, Row, Run};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};

/// Version of the JSON written by `fit-basis`.
pub const SCHEMA_VERSION: u32 = 1;

/// One run of `fit-basis`, one row a tensor.
pub type ProductFits = Run<ProductSettings, FitRow, FitSummary>;

/// What a run of fits says beside its rows.
#[derive(Debug, Clone)]
pub struct FitSummary {
    /// Numbers that searches go by and no option changes.
    pub solver_constants: SolverConstants,
    /// File of the user's own matrices.
    pub basis_file: Option<String>,
    /// File of the inputs.
    pub inputs_file: Option<String>,
    /// d(W, {M}) = ‖W - Ŵ‖ over the matrices (section IX of the paper).
    pub distance: Option<Distance>,
}

impl Extra for FitSummary {
    fn after<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match key {
            "settings" => {
                map.serialize_entry("solver_constants", &self.solver_constants)?;
                map.serialize_entry("basis_file", &self.basis_file)?;
                map.serialize_entry("inputs_file", &self.inputs_file)
            }
            "complete" => map.serialize_entry("distance", &self.distance),
            _ => Ok(()),
        }
    }
}

/// Distances of a set of matrices from a family.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Distance {
    /// Matrices fitted.
    pub matrices: usize,
    /// Mean of ‖W - Ŵ‖.
    pub mean: f64,
    /// Largest ‖W - Ŵ‖.
    pub maximum: f64,
    /// Mean of ‖W - Ŵ‖ / ‖W‖.
    pub relative_mean: f64,
    /// Largest ‖W - Ŵ‖ / ‖W‖.
    pub relative_maximum: f64,
}

/// One tensor, or the reason why there is no fit.
pub type FitRow = Row<Fitted>;

/// The fit of a tensor, if there is one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fitted {
    /// How the matrix is stored, as far as the fit is to be put in its place.
    #[serde(skip)]
    pub stored: Option<Stored>,
    /// The fit; in JSON its fields stand in the row itself.
    #[serde(flatten)]
    pub fit: Option<ProductFit>,
}

impl Finding for Fitted {
    const ROWS: &'static str = "fits";

    fn is_brief<T: ?Sized>(_: &T) -> bool {
        true
    }
}

/// How a tensor is stored whose matrix was fitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The name in the file; for a weight stored as two tensors, the name of the weight.
    pub name: String,
    /// The type, named as in safetensors.
    pub dtype: String,
    /// The stored shape.
    pub shape: Vec<usize>,
    /// Whether the stored rows are the columns of the matrix.
    pub transposed: bool,
}

/// The fit of one matrix.
#[derive(Debug, Clone, Serialize)]
pub struct ProductFit {
    /// m.
    pub rows: usize,
    /// n.
    pub columns: usize,
    /// ‖W‖.
    pub frobenius_norm: f64,
    /// ‖W - Ŵ‖.
    pub distance: f64,
    /// ‖W - Ŵ‖ / ‖W‖.
    pub relative_residual: f64,
    /// Coefficients, Σ K.
    pub parameters: usize,
    /// Σ K - (p - 1) where factors may trade scale, else Σ K.
    pub degrees_of_freedom: usize,
    /// Parameters over entries.
    pub compression_rate: f64,
    /// √(1 - degrees / m n): what as many random terms that know nothing of W are expected to leave.
    pub null_residual: f64,
    /// The same fit to W with its entries shuffled.
    pub shuffled_residual: Option<f64>,
    /// The same fit to W turned at the same spectrum.
    pub rotated_residual: Option<f64>,
    /// What the three say together.
    pub verdict: Option<Verdict>,
    /// On the inputs, when they were given.
    pub inputs: Option<InputsFit>,
    /// How it was solved.
    pub method: Method,
    /// Largest singular value of the derivatives at the fit over the smallest that counts, the p - 1
    /// of traded scale left out; of the terms themselves for one factor.
    pub condition: Option<f64>,
    /// What another device than the processor did; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceFit>,
    /// Iterations of the best start, all stages.
    pub iterations: usize,
    /// Why the last stage ended.
    pub stopped: Stopped,
    /// Residual of every start, in order.
    pub restarts: Vec<f64>,
    /// Stage by stage, the best start's.
    pub stages: Vec<StageFit>,
    /// The factors, in the order of the product.
    pub factors: Vec<FactorFit>,
    /// Coefficients a, factor by factor.
    pub coefficients: Vec<Vec<f64>>,
}

impl ProductFit {
    /// Whether W is no nearer than as many random terms are expected to bring it, within what chance
    /// varies; `None` for a fit to activations, of which chance is not known.
    #[must_use]
    pub fn is_chance(&self) -> Option<bool> {
        if self.inputs.is_some() {
            return None;
        }
        let kind = self.verdict.as_ref().map_or_else(
            || {
                let null = 1.0 - self.null_residual * self.null_residual;
                let shares = Shares {
                    own: 1.0 - self.relative_residual * self.relative_residual,
                    shuffled: null,
                    rotated: null,
                    null,
                    gain_by_chance: Thresholds::default().standard_errors
                        * share_deviation(self.degrees_of_freedom, self.rows * self.columns),
                };
                shares.verdict(&Thresholds::default(), false).kind
            },
            |verdict| verdict.kind,
        );
        Some(kind == VerdictKind::NoGain)
    }
}

/// Iterations of a single sum on a device in single precision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeviceFit {
    /// The device.
    pub name: String,
    /// How often the solution was refined by its residual in double precision.
    pub refinements: usize,
    /// What is left of the gradient, in double precision: `‖Aᵀ r‖ / ‖A‖ ‖w‖`, the columns of A the terms and r what they
    /// leave of the matrix w.
    pub gradient: f64,
}

/// A fit in the norm of a layer's inputs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct InputsFit {
    /// Samples, both halves.
    pub samples: usize,
    /// ‖X (W - Ŵ)ᵀ‖ / ‖X Wᵀ‖ over the half that was fitted.
    pub fitted_residual: f64,
    /// The same over the half that was held out.
    pub held_out_residual: f64,
}

/// One stage.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StageFit {
    /// Coefficients.
    pub parameters: usize,
    /// Residual at its start, in the norm that was fitted.
    pub start_residual: f64,
    /// Residual at its end.
    pub relative_residual: f64,
    /// Iterations.
    pub iterations: usize,
    /// Why it ended.
    pub stopped: Stopped,
}

/// One factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorFit {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Terms K, the identity among them.
    pub terms: usize,
    /// Family; the user's own without one.
    pub family: Option<BasisFamily>,
    /// Function of the coefficients.
    pub link: Link,
}
