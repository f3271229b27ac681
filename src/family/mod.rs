//! Families of structured matrices: each a file, with what it can do.
//!
//! A [`Family`] has any of four abilities; each appears where it is used. A [`Projection`](projection::Projection) is a row of
//! `spectra families`, [`Terms`](terms::Terms) are a `--basis` of `spectra fit-basis`, [`Sketching`](ensemble::Sketching) an `--ensemble` of `spectra
//! sketch`, a [`TrainedFamily`](weight::TrainedFamily) a `family = "…"` of recipes.

mod ability;
pub mod acdc;
pub mod block_diagonal;
pub mod butterfly;
pub mod circulant;
pub mod count_sketch;
pub mod dct;
pub mod dense;
pub mod diagonal;
pub mod ensemble;
mod entry;
pub mod fastfood;
pub mod frequency_hashed;
pub mod gaussian;
pub mod hashed;
pub mod kronecker;
mod listed;
pub mod low_rank;
pub mod monarch;
pub mod permuted_blocks;
pub mod pixels;
pub mod product_of_sums;
pub mod projected;
pub mod projection;
pub mod rademacher;
pub mod random;
pub mod random_diagonals;
pub mod random_features;
pub mod random_subspace;
pub mod separable;
pub mod sketch;
pub mod sketched;
pub mod srht;
pub mod terms;
pub mod toeplitz;
pub mod weight;

pub use ability::Family;
pub use entry::{Ability, Entry};
pub use listed::Listed;

/// All families, in the order of reports and help texts.
pub const FAMILIES: &[Family] = &[
    gaussian::FAMILY,
    rademacher::FAMILY,
    low_rank::FAMILY,
    block_diagonal::FAMILY,
    permuted_blocks::FAMILY,
    circulant::FAMILY,
    toeplitz::FAMILY,
    dct::FAMILY,
    kronecker::FAMILY,
    monarch::FAMILY,
    butterfly::FAMILY,
    hashed::FAMILY,
    sketch::FAMILY,
    random_subspace::FAMILY,
    pixels::FAMILY,
    random_features::FAMILY,
    diagonal::FAMILY,
    fastfood::FAMILY,
    srht::FAMILY,
    count_sketch::FAMILY,
    dense::FAMILY,
    separable::FAMILY,
    projected::FAMILY,
    random_diagonals::FAMILY,
    acdc::FAMILY,
    frequency_hashed::FAMILY,
    product_of_sums::FAMILY,
    sketched::FAMILY,
    random::FAMILY,
];
