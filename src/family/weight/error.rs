//! Why a weight cannot be made.

/// A setting that does not suit its layer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WeightError {
    /// Equal blocks that do not fit.
    #[error("{blocks} blocks do not divide {rows}x{columns}")]
    Blocks {
        /// Blocks asked for.
        blocks: usize,
        /// Rows of the weight.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// A block without entries.
    #[error("block {number} is {rows}x{columns}; a block has rows and columns")]
    EmptyBlock {
        /// Which, from 1.
        number: usize,
        /// The rows.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// Blocks of given shapes that make up another matrix.
    #[error(
        "the blocks add up to {found_rows}x{found_columns}, but the weight is {rows}x{columns}"
    )]
    BlockSum {
        /// Rows of all blocks.
        found_rows: usize,
        /// Columns of all blocks.
        found_columns: usize,
        /// Rows of the weight.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// A rank that no matrix of the shape has.
    #[error("rank = {rank} for a weight of {rows}x{columns}; it can be 1 to {most}")]
    Rank {
        /// Rank asked for.
        rank: usize,
        /// Most there is.
        most: usize,
        /// Rows of the weight.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// A number of things outside its range.
    #[error("{name} = {found} for a weight of {rows}x{columns}; it can be 1 to {most}")]
    Count {
        /// The setting.
        name: &'static str,
        /// The value.
        found: usize,
        /// Most there can be.
        most: usize,
        /// Rows of the weight.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// More or fewer parameters than a matrix can share.
    #[error(
        "parameters = {found} for a weight of {rows}x{columns}; there can be {least} to {most}"
    )]
    Parameters {
        /// Parameters asked for.
        found: usize,
        /// Fewest there can be.
        least: usize,
        /// Most there can be.
        most: usize,
        /// Rows of the weight.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// A kernel that is singular to rounding.
    #[error(
        "the radial kernel of width {width} with ridge {ridge} cannot be inverted; take a narrower kernel or a larger ridge"
    )]
    Radial {
        /// The length.
        width: f64,
        /// The number that is added to its diagonal.
        ridge: f64,
    },
    /// Factors that are too many, or none.
    #[error("{name} = {found}; it can be 1 to {most}")]
    Factors {
        /// The setting.
        name: &'static str,
        /// The value.
        found: usize,
        /// Most there can be.
        most: usize,
    },
    /// More cosines than inputs.
    #[error("a DCT of {columns} inputs has at most {columns} outputs, not {rows}")]
    Dct {
        /// Rows of the weight.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// A list with another length than the factors.
    #[error("{name} lists {found} values for {expected}; give one for all, or one for each")]
    Length {
        /// The setting.
        name: &'static str,
        /// Values given.
        found: usize,
        /// Their use.
        expected: String,
    },
    /// Sizes between factors that are too many, too few or zero.
    #[error("inner = {found:?} for {factors} factors; it is {} positive sizes, or none", factors - 1)]
    Inner {
        /// Sizes given.
        found: Vec<usize>,
        /// Number of factors.
        factors: usize,
    },
    /// More terms than a factor has.
    #[error("factor {factor}, {rows}x{columns}, has 1 to {most} {family} terms, not {terms}")]
    Terms {
        /// Which, from 1.
        factor: usize,
        /// The family.
        family: &'static str,
        /// Terms asked for.
        terms: usize,
        /// Most there are.
        most: usize,
        /// Rows of the factor.
        rows: usize,
        /// The columns.
        columns: usize,
    },
    /// Terms that would fill the memory.
    #[error(
        "factor {factor}: {terms} {family} terms of {rows}x{columns} are stored and take more than {limit} numbers; take fewer, or gaussian or rademacher terms without stored = true"
    )]
    Stored {
        /// Which, from 1.
        factor: usize,
        /// The family.
        family: &'static str,
        /// Terms asked for.
        terms: usize,
        /// Rows of the factor.
        rows: usize,
        /// The columns.
        columns: usize,
        /// Most numbers stored.
        limit: usize,
    },
    /// A scale that is none.
    #[error("{name} = {value}; it must be a positive number")]
    Positive {
        /// The setting.
        name: &'static str,
        /// The value.
        value: String,
    },
    /// A stage that does not continue another.
    #[error("a {to} weight cannot continue a {from} weight: {reason}")]
    Grow {
        /// Family of the earlier stage.
        from: &'static str,
        /// Family of the later one.
        to: &'static str,
        /// Why not.
        reason: &'static str,
    },
}
