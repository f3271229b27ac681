//! The groups of numbers that last from step to step of a training.

use std::fmt;

/// The role of numbers that last, in the network or its optimizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Group {
    /// Numbers that are trained.
    Trained(Part),
    /// A running moment of a batch normalisation.
    Running {
        /// The name of its layer.
        layer: String,
        /// Which moment.
        moment: Moment,
    },
    /// A sum over earlier gradients of numbers that are trained.
    Memory(Memory, Part),
}

/// Numbers that are trained, of all layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Parameters of weights.
    Weights,
    /// Biases; of batch normalisation scales and shifts.
    Biases,
}

/// A moment of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Mean,
    Variance,
}

/// A sum that an optimizer keeps over steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    Velocity,
    MeanGradient,
    MeanSquare,
}

impl Group {
    /// All parameters of weights.
    pub const WEIGHTS: Group = Group::Trained(Part::Weights);
    /// All biases.
    pub const BIASES: Group = Group::Trained(Part::Biases);

    /// Returns the group that a checkpoint calls `name`; `None` for unknown ones.
    pub fn parse(name: &str) -> Option<Group> {
        let trained = [Part::Weights, Part::Biases];
        let of = |trained| {
            let memories = [Memory::Velocity, Memory::MeanGradient, Memory::MeanSquare];
            let memories = memories.map(|memory| Group::Memory(memory, trained));
            std::iter::once(Group::Trained(trained)).chain(memories)
        };
        let named = |group: &Group| group.to_string() == name;
        let running = |moment| {
            let layer = name.strip_suffix(&format!(".{moment}"))?;
            Some(Group::Running {
                layer: layer.to_owned(),
                moment,
            })
        };
        let moments = [Moment::Mean, Moment::Variance];
        let known = trained.into_iter().flat_map(of).find(named);
        known.or_else(|| moments.into_iter().find_map(running))
    }

    /// Whether a change of the network's parameters leaves it as it is.
    pub fn is_running(&self) -> bool {
        matches!(self, Group::Running { .. })
    }
}

impl Moment {
    /// Returns the value before the first batch.
    pub fn initial(self) -> f64 {
        match self {
            Moment::Mean => 0.0,
            Moment::Variance => 1.0,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Group::Trained(trained) => trained.fmt(f),
            Group::Running { layer, moment } => write!(f, "{layer}.{moment}"),
            Group::Memory(memory, trained) => write!(f, "{memory} of {trained}"),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Weights => "weights",
            Part::Biases => "biases",
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Moment::Mean => "mean",
            Moment::Variance => "variance",
        })
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Memory::Velocity => "velocity",
            Memory::MeanGradient => "mean gradient",
            Memory::MeanSquare => "mean square",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a group that a checkpoint loses, and a layer's name that is taken for another group.
    #[test]
    fn names_in_checkpoints_are_read_back() {
        for name in [
            "weights",
            "biases",
            "velocity of weights",
            "mean gradient of biases",
            "mean square of weights",
            "norm.mean",
            "a.variance.mean",
            "weights.variance",
        ] {
            assert_eq!(Group::parse(name).unwrap().to_string(), name);
        }
        assert_eq!(Group::parse("velocity"), None);
        let running = Group::parse("weights.mean");
        let layer = "weights".to_owned();
        let moment = Moment::Mean;
        assert_eq!(running, Some(Group::Running { layer, moment }));
    }
}
