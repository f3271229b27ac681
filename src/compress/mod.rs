//! Compressions of a layer as its inputs see it: what is lost on their second moments, and how the rest is stored.

mod family;
mod fit;
mod kfac;
mod low_rank;
mod moment;
mod pivoted;
mod whitened;

pub use family::Family;
pub use fit::Fit;
pub use kfac::KFac;
pub use low_rank::{LowRank, balanced};
pub use moment::Moment;
pub use pivoted::{Pivoted, pivoted_cost};
pub use whitened::Whitened;
