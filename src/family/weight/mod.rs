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

mod build;
mod draws;
mod error;
mod factor;
mod grow;
mod initial;
mod settings;
mod slot;

pub use build::Weight;
pub use draws::Draws;
pub use error::WeightError;
pub(super) use factor::Factor;
pub use initial::Initial;
pub(super) use initial::{MOST_FACTORS, number_of_factors, positive};
pub use settings::{TrainedFamily, WeightFamily, WeightSettings};
pub(super) use slot::Planes;
pub use slot::Slot;
