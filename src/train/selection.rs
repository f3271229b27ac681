//! Which samples a network is trained on, and which it is tested with.

use super::error::TrainError;
use super::recipe::{DataSettings, Order};
use crate::data::{Dataset, Samples};
use serde::Serialize;
use std::ops::Range;

/// How many samples there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SampleCounts {
    /// Those that are trained on.
    pub train: usize,
    /// Those that are tested with, held-out training samples where the recipe says so.
    pub test: usize,
    /// Classes.
    pub classes: usize,
}

/// The samples in use: those of the test part, or training samples that were held out in their place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection<'a> {
    data: &'a Dataset,
    /// Training samples that are trained on, the first ones.
    pub trained: usize,
    /// Training samples after them that are held out.
    held_out: usize,
}

impl<'a> Selection<'a> {
    /// Selects from `data` as `settings` says.
    ///
    /// # Errors
    ///
    /// More samples than there are, or none left to train on; the first or last of samples that lie class by class.
    pub fn new(settings: &DataSettings, data: &'a Dataset) -> Result<Selection<'a>, TrainError> {
        let found = data.train.len();
        let used = settings.train.unwrap_or(found);
        if used > found {
            return Err(TrainError::FewSamples { asked: used, found });
        }
        let held_out = settings.held_out.unwrap_or(0);
        if held_out >= used {
            return Err(TrainError::HeldOut { held_out, used });
        }
        let labels = &data.train.labels;
        let several = found > 2 * data.classes && labels.first() != labels.last();
        if several && labels.is_sorted() {
            let settings = [
                (settings.order == Order::File, "order = \"file\"".to_owned()),
                (held_out > 0, format!("held-out = {held_out}")),
                (used < found, format!("train = {used}")),
            ];
            if let Some((_, setting)) = settings.into_iter().find(|(taken, _)| *taken) {
                return Err(TrainError::Sorted { setting });
            }
        }
        Ok(Selection {
            data,
            trained: used - held_out,
            held_out,
        })
    }

    /// The part that is trained on; only its first [`trained`](Selection::trained) samples are met.
    pub fn training(&self) -> &'a Samples {
        &self.data.train
    }

    /// The samples to test with, and which of them.
    pub fn testing(&self) -> (&'a Samples, Range<usize>) {
        match self.held_out {
            0 => (&self.data.test, 0..self.data.test.len()),
            count => (&self.data.train, self.trained..self.trained + count),
        }
    }

    /// Counts the samples in use.
    pub fn counts(&self) -> SampleCounts {
        SampleCounts {
            train: self.trained,
            test: self.testing().1.len(),
            classes: self.data.classes,
        }
    }
}
