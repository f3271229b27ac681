//! Numbers that last, in the buffers of a plan.

use super::group::Group;
use super::layer::Running;
use crate::program::{Buffer, View};

/// Numbers that last from step to step.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub group: Group,
    pub buffer: Buffer,
    pub len: usize,
    /// The value at which all of it begins.
    pub initial: f64,
}

impl Variable {
    /// The numbers of `view`, which begin at 0.
    pub fn of(group: Group, view: View) -> Variable {
        Variable {
            group,
            buffer: view.buffer,
            len: view.entries(),
            initial: 0.0,
        }
    }

    /// A running moment.
    pub fn running(running: Running) -> Variable {
        let Running {
            layer,
            moment,
            view,
        } = running;
        Variable {
            initial: moment.initial(),
            ..Variable::of(Group::Running { layer, moment }, view)
        }
    }
}
