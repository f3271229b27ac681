//! The whole device interface.

use super::plan::Plan;
use super::view::Buffer;

/// A machine that runs plans. Numbers cross this interface in double precision, column-major; the
/// machine keeps them in its own.
///
/// One executor holds one plan at a time. Inputs keep their values from run to run, states what the last run made of them.
pub trait Exec {
    /// Makes the memory and everything else that runs of `plan` need; all inputs and states are zero.
    ///
    /// # Errors
    /// If the machine has not the memory.
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError>;

    /// Sets an input or a state.
    ///
    /// # Panics
    /// If no plan is prepared, `buffer` is neither, or `data` has not its size.
    fn write(&mut self, buffer: Buffer, data: &[f64]);

    /// [`write`](Exec::write) of numbers in single precision, such as images: without a copy in double
    /// precision where the machine has a way of its own.
    ///
    /// # Panics
    /// As `write`.
    fn write_singles(&mut self, buffer: Buffer, data: &[f32]) {
        let data: Vec<f64> = data.iter().copied().map(f64::from).collect();
        self.write(buffer, &data);
    }

    /// Runs the plan once.
    ///
    /// # Errors
    /// If the machine fails.
    ///
    /// # Panics
    /// If no plan is prepared.
    fn run(&mut self) -> Result<(), ExecError>;

    /// The values of an input or a state or, after a run, of an output. Of all calls only reading waits for
    /// the machine.
    ///
    /// # Errors
    /// If the machine failed.
    ///
    /// # Panics
    /// If no plan is prepared or `buffer` is none of these.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError>;

    /// [`read`](Exec::read) into `out`, which has the size of the buffer: without memory of its own where the
    /// machine has a way.
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

/// What a machine can fail at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// Memory for the plan was refused.
    #[error(
        "the plan needs a buffer of {bytes} bytes, which the {device} refused: take fewer samples at a time"
    )]
    OutOfMemory {
        /// The machine.
        device: &'static str,
        /// Size of the buffer that was refused.
        bytes: u64,
    },
}
