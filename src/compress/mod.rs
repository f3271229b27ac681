//! Compressions of a layer as its inputs see it: what is lost on their second moments, and how the rest is stored.

mod pivoted;
mod whitened;

pub use pivoted::{Pivoted, pivoted_cost};
pub use whitened::Whitened;
