//! All that a training needs to go on, but for the recipe and the data.

use super::carry::carry;
use super::error::TrainError;
use super::group::Group;
use super::network::{Network, Parameters};
use super::phases::Phase;
use serde::{Deserialize, Serialize};

/// The numbers of a training and how far it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct State {
    /// How far it is.
    pub progress: Progress,
    /// The numbers that last from step to step.
    pub variables: Vec<(Group, Vec<f64>)>,
    /// Which parameters are kept at zero, by layer.
    pub masks: Vec<(String, Vec<f64>)>,
}

/// How far a training is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Steps made.
    pub iteration: u64,
    /// The phase, from 0.
    pub phase: usize,
    /// Sum of the losses since the last row.
    pub loss: f64,
    /// And their number.
    pub losses: u64,
    /// The recipe.
    pub recipe: String,
    /// The origin of the data, as JSON.
    pub data: String,
    /// Numbers that were trained in each phase so far.
    pub parameters: Vec<usize>,
    /// Names of the classes, in the order of the outputs; older checkpoints have none.
    #[serde(default)]
    pub class_names: Vec<String>,
}

impl State {
    /// The parameters; empty before the beginning.
    pub fn parameters(&self) -> Parameters {
        let group = |wanted: Group| {
            let known = self.variables.iter().find(|(group, _)| *group == wanted);
            known.map_or(Vec::new(), |(_, values)| values.clone())
        };
        Parameters {
            weights: group(Group::WEIGHTS),
            biases: group(Group::BIASES),
        }
    }

    /// Gives `network` the masks; an empty state begins at the network's initial parameters.
    ///
    /// # Errors
    ///
    /// A mask of another size than its weight.
    pub fn enter(&mut self, network: &mut Network) -> Result<(), TrainError> {
        for layer in &mut network.layers {
            let mask = self.masks.iter().find(|(name, _)| *name == layer.name);
            if let (Some((_, mask)), Some(affine)) = (mask, layer.affine_mut()) {
                if mask.len() != affine.weight().parameters() {
                    let problem = format!("the mask of {} has another size", layer.name);
                    return Err(TrainError::Checkpoint { problem });
                }
                affine.set_mask(Some(mask.as_slice().into()));
            }
        }
        if self.variables.is_empty() {
            let Parameters { weights, biases } = network.initial();
            self.variables = vec![(Group::WEIGHTS, weights), (Group::BIASES, biases)];
        }
        Ok(())
    }

    /// Takes the state over from the network `before` into that of `phase`. Where no parameter moves, what the optimizer
    /// remembers stays.
    ///
    /// # Errors
    ///
    /// The layer that cannot begin from what it was, and why.
    pub fn carry(
        &mut self,
        before: &Network,
        network: &mut Network,
        phase: &Phase,
        seed: u64,
    ) -> Result<(), (usize, String)> {
        let new = carry(before, &self.parameters(), network, &phase.changes, seed)?;
        self.masks = network.masks();
        if phase.restarted == phase.iterations.start {
            self.variables.retain(|(group, _)| group.is_running());
            let Parameters { weights, biases } = new;
            let own = [(Group::WEIGHTS, weights), (Group::BIASES, biases)];
            self.variables.splice(0..0, own);
        }
        Ok(())
    }
}
