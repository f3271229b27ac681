//! One budget for a whole model: of every layer the curve of what each size loses, and of a budget the sizes that lose least
//! together.
//!
//! [`plan_sources`] asks a survey for the curves and then solves for every budget. What is known of the model decides what a
//! size loses and how far a budget may move ([`Mode`]); beside every plan stands what the same cost buys when all layers
//! keep one share ([`Uniform`]).

mod alpha;
mod candidate;
mod candidates;
mod cost;
mod curve;
mod entries;
mod error;
mod file_sum;
mod group;
mod knowledge;
mod known;
mod model;
mod moments;
mod names;
mod point;
mod result;
mod settings;
mod solve;
mod statistics;
mod ties;
mod uniform;

pub use alpha::Alpha;
pub use candidates::Candidates;
pub use cost::{CostModel, Storage};
pub use error::PlanError;
pub use file_sum::FileSum;
pub use knowledge::{Knowledge, Mode};
pub use known::Known;
pub use model::plan_sources;
pub use moments::MomentsFile;
pub use point::{Error, Point};
pub use result::{
    Budget, Compressible, CurvePoint, Model, ModelPlan, Next, PlanFindings, PlanRow, PlanTotals,
    PlannedLayer, SCHEMA_VERSION, Sized, Uniform,
};
pub use settings::PlanSettings;
pub use statistics::Statistics;
