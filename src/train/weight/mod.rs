//! Weights of layers by family: settings to an operator and the numbers it starts from.
//!
//! A recipe says `weight = { family = "block-diagonal", blocks = 10 }`; [`WeightSettings::build`] makes of it,
//! for the [`Slot`] of a layer, a [`LinearOperator`](crate::operator::LinearOperator) and its initial parameters.
//!
//! | family | settings, `initial` aside | parameters of an m × n weight |
//! |---|---|---|
//! | `dense` | | m n |
//! | `block-diagonal` | `blocks = 10` or `[[rows, columns], …]` | m n / b, `Σ mᵦ nᵦ` |
//! | `low-rank` | `rank` | r (m + n) |
//! | `separable` | `rank` | r (c h + m w) |
//! | `projected` | `features`, `basis = "dct"`, `"gaussian"`, `"pixels"`, `"radial"` (`width`, `ridge`) | m r |
//! | `hashed` | `parameters`, `signs` | as given |
//! | `frequency-hashed` | `parameters`, `alpha`, `beta` | as given |
//! | `product-of-sums` | `factors`, `terms`, `basis`, `residual`, `stored`, `inner`, `gain`, `link` | `Σ K_j` |
//! | `sketched` | `k`, `l` | l k (m + n), l k h w (c + m) |
//! | `diagonal` | | m |
//! | `random-diagonals` | `terms` | K ⌈m/n⌉ |
//! | `fastfood` | `trained`, `sigma`, `lengths` | of trained diagonals m, N, n a copy |
//! | `acdc` | `depth`, `shuffle`, `spread` | 2 N depth − (N − n), N = max(m, n) |
//! | `circulant` | `signs` | max(m, n) |
//! | `toeplitz-like` | `rank` | 2 r max(m, n) |
//! | `dct` | | 0 |
//! | `random` | `law` | 0 |
//!
//! # Scale
//!
//! Unless the recipe says otherwise, the matrix that the initial parameters make has entries of variance
//! 1/n, n its columns, so that `E‖W‖² = m`; each family's page says what its parameters are drawn from.
//! A family whose entries are partly zero by design (blocks, diagonals) has that norm too: larger entries, fewer
//! of them.
//!
//! # Random numbers
//!
//! Fixed random parts and initial values are streams of the seed with paths `(501, layer, part, index)` and
//! `(502, layer, part)`; the terms of products of sums are those of [`basis::Place`](crate::operator::basis::Place)
//! with this seed and layer, the same as fits have.

mod acdc;
mod blocks;
mod build;
mod circulant;
mod cosines;
mod dense;
mod diagonal;
mod draws;
mod error;
mod factor;
mod fastfood;
mod frequencies;
mod grow;
mod hashed;
mod initial;
mod low_rank;
mod product_of_sums;
mod projected;
mod random;
mod separable;
mod settings;
mod sketched;
mod slot;
mod toeplitz;

pub use acdc::AcdcSettings;
pub use blocks::{BlockDiagonalSettings, Blocks};
pub use build::Weight;
pub use circulant::CirculantSettings;
pub use cosines::DctSettings;
pub use dense::DenseSettings;
pub use diagonal::DiagonalSettings;
pub use error::WeightError;
pub use fastfood::{FanIn, FastfoodSettings, Lengths, Sigma, Trained};
pub use frequencies::FrequencyHashedSettings;
pub use hashed::HashedSettings;
pub use initial::Initial;
pub use low_rank::LowRankSettings;
pub use product_of_sums::{PerFactor, ProductOfSumsSettings};
pub use projected::{Features, ProjectedSettings};
pub use random::{RandomDiagonalsSettings, RandomSettings};
pub use separable::SeparableSettings;
pub use settings::WeightSettings;
pub use sketched::SketchedSettings;
pub use slot::Slot;
pub use toeplitz::ToeplitzLikeSettings;
