//! Why a fit cannot be made.

use crate::family::terms::FamilyError;

/// Settings that contradict each other or the matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// No factor.
    #[error("a product of 0 factors fits nothing; p is at least 1")]
    NoFactors,
    /// A factor without terms.
    #[error("a sum of 0 terms fits nothing; every number of terms is at least 1")]
    NoTerms,
    /// A list with neither one number nor one a factor.
    #[error("{setting} has {given} values; give 1, or {factors}, one a factor")]
    Length {
        /// The setting.
        setting: &'static str,
        /// Values given.
        given: usize,
        /// Number of factors.
        factors: usize,
    },
    /// Sizes between factors that are not p - 1.
    #[error("inner has {given} sizes; between {factors} factors there are {}", factors - 1)]
    Inner {
        /// Sizes given.
        given: usize,
        /// Number of factors.
        factors: usize,
    },
    /// A size of 0 between factors.
    #[error("inner has a size of 0; every size is at least 1")]
    EmptyInner,
    /// As many coefficients as entries, or more.
    #[error(
        "{parameters} coefficients for the {entries} entries of a {rows} × {columns} matrix; give fewer terms k or factors p, for \
         a fit is to have fewer parameters"
    )]
    TooManyCoefficients {
        /// Σ K.
        parameters: usize,
        /// m n.
        entries: usize,
        /// m.
        rows: usize,
        /// n.
        columns: usize,
    },
    /// A factor whose family cannot be made.
    #[error("factor {factor} of {factors}: {reason}")]
    Family {
        /// Which, from 1.
        factor: usize,
        /// Of how many.
        factors: usize,
        /// Why.
        reason: FamilyError,
    },
    /// Given matrices that do not chain to the matrix.
    #[error(
        "the basis' matrices M{factor} are {found_rows} × {found_columns}; {rows} × {columns} was needed"
    )]
    Chain {
        /// Which, from 1.
        factor: usize,
        /// Rows given.
        found_rows: usize,
        /// Columns given.
        found_columns: usize,
        /// Rows needed.
        rows: usize,
        /// Columns needed.
        columns: usize,
    },
    /// A stage that is to lose terms.
    #[error(
        "a stage of {terms} terms comes before one of {next} of the same family; stages grow, up to k"
    )]
    Stage {
        /// Terms of the stage.
        terms: usize,
        /// Terms of the next.
        next: usize,
    },
    /// A factor that memory is not to hold.
    #[error(
        "factor {factor} is {rows} × {columns}, more than the memory that is allowed; give smaller inner sizes or more memory"
    )]
    TooLarge {
        /// Which, from 1.
        factor: usize,
        /// The rows.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// All entries are the same number.
    #[error("every entry is {value}; there is nothing to fit")]
    Constant {
        /// The number, in decimal.
        value: String,
    },
    /// Activations of another size than the layer's inputs.
    #[error(
        "the inputs have {found} columns and the matrix {columns}; each row of inputs is one sample"
    )]
    Inputs {
        /// Columns of the inputs.
        found: usize,
        /// Columns of the matrix.
        columns: usize,
    },
    /// Activations that cannot be split.
    #[error("the inputs have {samples} samples; at least 2 are needed, half of them held out")]
    Samples {
        /// Rows of the inputs.
        samples: usize,
    },
    /// The matrix vanishes on the inputs.
    #[error(
        "the matrix is 0 on every input of the half that is fitted or of that held out; give inputs that reach it, or another seed"
    )]
    Vanishing,
    /// Alternating steps are linear.
    #[error("alternating least squares needs identity links; use levenberg for others")]
    Nonlinear,
    /// Entries too large or small to be brought into range by a factor's scale.
    #[error(
        "the entries are beyond 2^±200 and a link fixes the scale of the product; scale the matrix"
    )]
    Range,
    /// A device failed.
    #[error("{device} failed at the fit ({reason}): fit on the CPU")]
    Device {
        /// The device.
        device: String,
        /// What it says of it.
        reason: String,
    },
    /// A device does not lead to the solution.
    #[error(
        "{device} leaves a gradient of {gradient}, and rounding explains {bound} only: fit on the CPU"
    )]
    Inaccurate {
        /// The device.
        device: String,
        /// What is left, relative to the norms of terms and matrix.
        gradient: String,
        /// What is explained.
        bound: String,
    },
}
