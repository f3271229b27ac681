//! The whole device interface.

use super::plan::Plan;
use super::view::Buffer;

/// An executor of plans. Numbers cross this interface in double precision, column-major; the
/// executor keeps them in its own.
///
/// One executor holds one plan at a time. Inputs keep their values from run to run, states what the last run made of them.
pub trait Exec {
    /// Makes the memory and everything else that runs of `plan` need; all inputs and states are zero.
    ///
    /// # Errors
    /// If there is not enough memory.
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError>;

    /// Sets an input or a state.
    ///
    /// # Panics
    /// If no plan is prepared, `buffer` is neither, or `data` has not its size.
    fn write(&mut self, buffer: Buffer, data: &[f64]);

    /// [`write`](Exec::write) of numbers in single precision, such as images: without a copy in double
    /// precision where the executor has a way of its own.
    ///
    /// # Panics
    /// As `write`.
    fn write_singles(&mut self, buffer: Buffer, data: &[f32]) {
        let data: Vec<f64> = data.iter().copied().map(f64::from).collect();
        self.write(buffer, &data);
    }

    /// Runs the plan once. An executor on another device than the CPU may return before the run is done; it waits where
    /// too many runs are queued.
    ///
    /// # Errors
    /// If the device fails, in this run or an earlier one.
    ///
    /// # Panics
    /// If no plan is prepared.
    fn run(&mut self) -> Result<(), ExecError>;

    /// From the next run on, keeps the value of `buffer`, an output of one number, after each run, for
    /// [`followed`](Exec::followed). Lasts until the next `prepare`; of two calls the last counts.
    ///
    /// # Panics
    /// If no plan is prepared or `buffer` is no output of one number.
    fn follow(&mut self, buffer: Buffer);

    /// Appends to `values` what is followed after the runs since it was last asked, in their order. With `all` it
    /// waits for every run; without, it takes what has arrived and waits for nothing.
    ///
    /// # Errors
    /// If the device failed.
    fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError>;

    /// The values of an input or a state or, after a run, of an output. Waits for the device.
    ///
    /// # Errors
    /// If the device failed.
    ///
    /// # Panics
    /// If no plan is prepared or `buffer` is none of these.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError>;

    /// [`read`](Exec::read) into `out`, which has the size of the buffer: without memory of its own where the
    /// executor has a way.
    ///
    /// # Errors
    /// As `read`.
    ///
    /// # Panics
    /// As `read`, and if `out` has another size.
    fn read_into(&mut self, buffer: Buffer, out: &mut [f64]) -> Result<(), ExecError> {
        let values = self.read(buffer)?;
        out.copy_from_slice(&values);
        Ok(())
    }
}

/// Why a plan could not be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// A device refused memory for the plan.
    #[error(
        "the plan needs a buffer of {bytes} bytes, which the {device} refused: take fewer samples at a time"
    )]
    OutOfMemory {
        /// The device.
        device: String,
        /// Size of the buffer that was refused.
        bytes: u64,
    },
    /// The operating system refused memory for the plan.
    #[error(
        "the plan needs a buffer of {bytes} bytes, which the system refused: take fewer samples at a time"
    )]
    OutOfHostMemory {
        /// Size of the buffer that was refused.
        bytes: u64,
    },
    /// The device is gone.
    #[error("the {device} stopped working ({reason})")]
    Lost {
        /// The device.
        device: String,
        /// What its driver reports.
        reason: String,
    },
    /// The device does not answer.
    #[error("the {device} gave no answer within {seconds} seconds")]
    Late {
        /// The device.
        device: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The device does not take the work.
    #[error("the {device} refused the work ({reason})")]
    Refused {
        /// The device.
        device: String,
        /// What its driver reports.
        reason: String,
    },
}
