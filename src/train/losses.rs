//! Losses of steps, which may arrive after later steps were begun.

use super::event::{Event, Listener};
use super::result::Ended;
use super::state::Progress;

/// Counts the losses of a phase and tells of them, in the order of their steps.
pub(super) struct Losses {
    /// Those that are not reported yet.
    pub arrived: Vec<f64>,
    /// Whether the listener has asked for an end.
    pub stop: bool,
    /// Steps whose losses are reported.
    reported: u64,
}

impl Losses {
    /// Those of the steps after the first `made`.
    pub fn after(made: u64) -> Losses {
        Losses {
            arrived: Vec::new(),
            stop: false,
            reported: made,
        }
    }

    /// Counts and tells of what has arrived. With a loss that is no finite number all ends: `progress` is then
    /// that of its step, whatever was made after it.
    pub fn tell(
        &mut self,
        progress: &mut Progress,
        of: u64,
        listener: &mut Listener<'_>,
    ) -> anyhow::Result<Option<Ended>> {
        for loss in self.arrived.drain(..) {
            self.reported += 1;
            let iteration = self.reported;
            if !loss.is_finite() {
                progress.iteration = iteration;
                return Ok(Some(Ended::Diverged { iteration }));
            }
            progress.loss += loss;
            progress.losses += 1;
            let step = Event::Step {
                iteration,
                of,
                loss,
            };
            self.stop |= listener(step)?.is_break();
        }
        Ok(None)
    }
}
