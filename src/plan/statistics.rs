//! Moments of one layer's inputs and gradients.

use super::{MomentsFile, PlanError};
use crate::compress::{Family, Fit, LowRank, Moment, Size, Sizes, member_fits};
use faer::{Mat, MatRef};

/// Moments of a layer's inputs and gradients, each with its mean square taken out.
#[derive(Debug)]
pub struct Statistics {
    pub(super) inputs: (Moment, f64),
    pub(super) held_out: Option<(Moment, f64)>,
    pub(super) gradients: Option<(Mat<f64>, f64)>,
}

impl Statistics {
    /// Returns those of the layer `name` of a file of moments; `None` where it has no such layer.
    ///
    /// # Errors
    ///
    /// A file that cannot be read any more.
    pub fn read(file: &MomentsFile, name: &str) -> Result<Option<Statistics>, PlanError> {
        let mut layers = file.layers().iter();
        let Some(place) = layers.position(|layer| layer.name == name) else {
            return Ok(None);
        };
        Ok(Some(Statistics {
            inputs: file.inputs(place)?,
            held_out: None,
            gradients: file.gradients(place)?,
        }))
    }

    /// Returns how many inputs there are.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs.0.size()
    }

    /// Returns whether they are those of a layer with so many outputs, as far as they tell.
    #[must_use]
    pub fn suits(&self, outputs: usize) -> bool {
        let gradients = self.gradients.as_ref();
        gradients.is_none_or(|(gradients, _)| gradients.nrows() == outputs)
    }

    /// Returns those of a layer with n inputs of which nothing is known.
    #[must_use]
    pub fn unknown(n: usize) -> Statistics {
        Statistics {
            inputs: (Moment::identity(n), 1.0),
            held_out: None,
            gradients: None,
        }
    }

    /// Returns the layer `w`, outputs × inputs, in this form; `None` where it cannot be fitted.
    #[must_use]
    pub fn fit(&self, w: MatRef<'_, f64>, sizes: &Sizes, form: Size) -> Option<Fit> {
        match form.family {
            Family::Dense => None,
            Family::LowRank => Some(Fit::low_rank(&self.low_rank(w), w, form.size)),
            _ => member_fits(w, &self.inputs.0, sizes, &[form])
                .pop()
                .flatten(),
        }
    }

    /// Returns the nearest matrices of each rank to `w`, outputs × inputs.
    pub(super) fn low_rank(&self, w: MatRef<'_, f64>) -> LowRank {
        let gradients = self.gradients.as_ref().map(|(g, _)| g.as_ref());
        LowRank::new(w, &self.inputs.0, gradients)
    }
}
