//! Why a training cannot be, or ended early.

use super::labels::shown_labels;
use super::network::LayerError;
use super::recipe::{Recipe, RecipeError, line_of, line_that_names};
use crate::program::ExecError;

/// Why a training cannot be, or ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A mistake in the recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A layer that cannot follow the one before.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// The scores are not as many as the classes.
    #[error("{}", not_the_classes(*outputs, *classes, absent))]
    Classes {
        /// Scores.
        outputs: usize,
        /// Classes, the largest label and 1.
        classes: usize,
        /// Labels below them that no sample has.
        absent: Vec<u16>,
    },
    /// A name that no layer has.
    #[error("no layer with a weight is called {name}; there are {}", known.join(", "))]
    NoLayer {
        /// The name.
        name: String,
        /// Names that there are.
        known: Vec<String>,
    },
    /// A change of a phase that its layer cannot undergo.
    #[error("phase {phase}, layer {layer}: {problem}")]
    Change {
        /// From 1.
        phase: usize,
        /// The layer's name.
        layer: String,
        /// Why.
        problem: String,
    },
    /// More training samples than there are.
    #[error("{asked} training samples were asked for, but the data has {found}")]
    FewSamples {
        /// Asked for.
        asked: usize,
        /// There are.
        found: usize,
    },
    /// No sample left to train on.
    #[error(
        "held-out = {held_out} of {used} training samples leaves none to train on; hold out at most {}",
        used.saturating_sub(1)
    )]
    HeldOut {
        /// Samples to hold out.
        held_out: usize,
        /// Training samples in use.
        used: usize,
    },
    /// A setting that takes the samples as they lie, class by class.
    #[error(
        "the training samples lie class by class, so that {setting} would meet one class after another; shuffle them \
         in their files, or leave it out"
    )]
    Sorted {
        /// The setting.
        setting: String,
    },
    /// Samples that cannot be moved and mirrored.
    #[error("{}", not_augmented(*padding, *shape))]
    Augment {
        /// Pixels that they are moved by at most.
        padding: usize,
        /// Channels, height, width.
        shape: [usize; 3],
    },
    /// A checkpoint that does not belong to the recipe.
    #[error("the checkpoint does not belong to this run: {problem}")]
    Checkpoint {
        /// The difference.
        problem: String,
    },
    /// A checkpoint that is not what was written.
    #[error("the checkpoint is damaged: {problem}")]
    Damaged {
        /// The damage.
        problem: String,
    },
    /// The file of a run's rows does not hold those before its checkpoint.
    #[error("{path}: {problem}; put the file of the run back, or start the training anew")]
    Rows {
        /// The file.
        path: String,
        /// The problem.
        problem: String,
    },
    /// Another training holds the run's folder.
    #[error(
        "{folder}: another training is under way in this folder; wait until it ends, or interrupt it"
    )]
    Locked {
        /// The folder.
        folder: String,
    },
    /// The lock of a run's folder cannot be taken.
    #[error("{path}: cannot be locked ({cause}); train in a folder that can be written to")]
    Lock {
        /// The file that is locked.
        path: String,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The executor's failure.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

impl TrainError {
    /// The line of the recipe's `text` that is at fault, from 1; none where that is no line's fault.
    pub fn line(&self, recipe: &Recipe, text: &str) -> Option<usize> {
        let inside = |array: &str, place: usize| line_of(text, &[array, &place.to_string()]);
        match self {
            TrainError::Layer(error) => inside("layer", error.index),
            TrainError::Classes { .. } => inside("layer", recipe.layers.len().checked_sub(1)?),
            TrainError::Change { phase, .. } => inside("phase", phase - 1),
            TrainError::NoLayer { name, .. } => line_that_names(text, name),
            TrainError::FewSamples { .. } => line_of(text, &["data", "train"]),
            TrainError::Augment { .. } => line_of(text, &["data", "augment"]),
            TrainError::HeldOut { .. } => line_of(text, &["data", "held-out"]),
            TrainError::Sorted { setting } => line_of(text, &["data", setting.split(' ').next()?]),
            _ => None,
        }
    }
}

/// Says how the outputs differ from the classes, and what makes them agree.
fn not_the_classes(outputs: usize, classes: usize, absent: &[u16]) -> String {
    let gaps = match absent {
        [] => String::new(),
        _ => format!(
            ", or number the labels from 0 without gaps: no sample has {}",
            shown_labels(absent, &[])
        ),
    };
    format!(
        "the last layer has {outputs} outputs, but the data has {classes} classes (labels 0 to {}); give it {classes} \
         outputs{gaps}",
        classes.saturating_sub(1)
    )
}

/// Says why images of `shape` cannot be moved by so much.
fn not_augmented(padding: usize, [channels, height, width]: [usize; 3]) -> String {
    let sample = format!("{channels}x{height}x{width}");
    match height.min(width) {
        0 | 1 => format!("a sample is {sample}, which is no image; leave augment out"),
        shortest => format!(
            "augment moves images of {sample} by up to {padding} pixels; padding can be 0 to {}",
            shortest - 1
        ),
    }
}
