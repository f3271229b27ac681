//! Compressions of a layer as its inputs see it: what is lost on their second moments, and how the rest is stored.

mod columns;
mod cosines;
mod counts;
mod family;
mod fit;
mod frequencies;
mod kfac;
mod kronecker;
mod low_rank;
mod moment;
mod pivoted;
mod solve;
mod structured;
mod whitened;

pub use family::{Family, Size, Sizes, Stored};
pub use fit::Fit;
pub use kfac::KFac;
pub use low_rank::{LowRank, balanced};
pub use moment::Moment;
pub use pivoted::{Pivoted, pivoted_cost};
pub use structured::{is_worth_trying, member_fits, member_stored, members};
pub use whitened::Whitened;
