//! The files of what is known of a model.

use super::knowledge::{Knowledge, Mode};
use super::{Alpha, MomentsFile, PlanError};
use std::path::Path;

/// Files of what is known.
#[derive(Debug, Default)]
pub struct Known {
    /// Moments that the fits are made with.
    pub moments: Option<MomentsFile>,
    /// Moments of other inputs, on which errors are measured.
    pub held_out: Option<MomentsFile>,
    /// Weights of the errors.
    pub alpha: Option<Alpha>,
}

impl Known {
    /// Opens the files that are given.
    ///
    /// # Errors
    ///
    /// One sentence on the first that is not what it should be.
    pub fn open(
        moments: Option<&Path>,
        held_out: Option<&Path>,
        alpha: Option<&Path>,
    ) -> Result<Known, PlanError> {
        Ok(Known {
            moments: moments.map(MomentsFile::open).transpose()?,
            held_out: held_out.map(MomentsFile::open).transpose()?,
            alpha: alpha.map(Alpha::open).transpose()?,
        })
    }

    /// Returns what the plan may claim. Gradients count where a layer has them.
    #[must_use]
    pub fn mode(&self) -> Mode {
        let has_gradients = self.moments.as_ref().is_some_and(|moments| {
            (0..moments.layers().len()).any(|layer| moments.has_gradients(layer))
        });
        match (&self.moments, &self.alpha) {
            (Some(_), Some(_)) => Mode::Alpha,
            (Some(_), None) if has_gradients => Mode::Gradients,
            (Some(_), None) => Mode::Inputs,
            (None, _) => Mode::Weights,
        }
    }

    /// Returns whether fits are made with gradients.
    pub(super) fn has_gradients(&self) -> bool {
        self.moments.as_ref().is_some_and(|moments| {
            (0..moments.layers().len()).any(|layer| moments.has_gradients(layer))
        })
    }

    /// Returns whether the moments are those of a layer of this name.
    pub(super) fn names_layer(&self, name: &str) -> bool {
        let mut layers = self.moments.iter().flat_map(MomentsFile::layers);
        layers.any(|layer| layer.name == name || layer.tied.iter().any(|tied| tied == name))
    }

    /// Returns what a plan says of itself.
    pub(super) fn knowledge(&self) -> Knowledge {
        let mode = self.mode();
        let (sentence, objective) = mode.words(self.has_gradients());
        let errors_on = match (&self.moments, &self.held_out) {
            (None, _) => "entries",
            (Some(_), None) => "calibration inputs",
            (Some(_), Some(_)) => "held-out inputs",
        };
        Knowledge {
            mode,
            sentence: sentence.to_owned(),
            objective: objective.to_owned(),
            errors_on: errors_on.to_owned(),
            moments: self.moments.as_ref().map(|moments| moments.file.clone()),
            held_out: self.held_out.as_ref().map(|moments| moments.file.clone()),
            alpha: self.alpha.as_ref().map(|alpha| alpha.file.clone()),
        }
    }
}
