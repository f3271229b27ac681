//! What a random sketch of a layer costs in variance: exactly, by the published bounds, and measured.
//!
//! A sketch `U` (k × d) has random entries scaled so that `E[UᵀU] = I`. For a layer `W`, `d₁ × d₂`, and
//! inputs `M`, `d₂ × q`, one sample a column, the estimates of `W M` are
//!
//! | estimate | formula | numbers stored |
//! |---|---|---|
//! | mode 1 | `U₁ᵀ U₁ W M` | `S₁ = U₁ W`: k d₂ |
//! | mode 2 | `W U₂ᵀ U₂ M` | `S₂ = W U₂ᵀ`: k d₁ |
//! | averaged | the mean of l independent pairs of both | l k (d₁ + d₂) |
//!
//! all of them without bias. The averaged one is the SK-FC layer, and with the patches of images as
//! inputs the SK-CONV layer, of Kasiviswanathan, Narodytska, Jin 2018, "Network approximation using
//! tensor sketching". Variances are `E‖estimate - W M‖²` in the Frobenius norm.

mod apply;
mod best_fit;
mod bounds;
mod device;
mod error;
mod exact;
mod images;
mod inputs;
mod inputs_file;
mod interval;
mod judge;
mod layer;
mod measure;
mod memory;
mod model;
mod modes;
mod remarks;
mod result;
mod settings;
mod target;
mod trial;
mod trials_plan;

pub use crate::family::ensemble::{Ensemble, Moments};
pub use apply::Sketch;
pub use best_fit::{BestFit, best_fit};
pub use bounds::{Bounds, bounds};
pub use device::{measure_on, trial_flops};
pub use error::SketchError;
pub use exact::{Energies, Variances, variances};
pub use inputs::Activations;
pub use inputs_file::SketchInputs;
pub use interval::{Interval, mean_interval, share_interval};
pub use layer::{SketchedLayer, Widths};
pub use measure::{Accuracy, Measurement, measure};
pub use model::sketch_sources;
pub use modes::{mode_estimate, mode_sketch, mode_variance};
pub use result::{
    Averaged, Exceedance, Mode, SCHEMA_VERSION, SketchFindings, SketchLayer, SketchRun,
    SketchSources, Sketched, SweepPoint, TargetChoice, TensorMode,
};
pub use settings::{Draws, SketchSettings};
pub use target::{Cost, least_rows};

#[cfg(test)]
mod tests;
