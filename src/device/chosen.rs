//! A device under its name, whatever it computes.

use super::Cpu;
use crate::program::{Exec, ExecError};
use serde::{Deserialize, Serialize};

/// Numbers in which a device computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    /// Single.
    #[default]
    #[serde(rename = "f32")]
    Single,
    /// Double.
    #[serde(rename = "f64")]
    Double,
}

/// A device under its name, how to make executors on it, and whether the user asked for it.
pub struct Device<'a> {
    name: String,
    make: Box<dyn Fn(Precision) -> Box<dyn Exec> + 'a>,
    is_requested: bool,
    /// Made by [`single`](Device::single).
    single: Option<Box<dyn Exec>>,
}

impl<'a> Device<'a> {
    /// Takes a device that the user asked for: `make` makes an executor, and results say `name`.
    pub fn new(name: &str, make: impl Fn(Precision) -> Box<dyn Exec> + 'a) -> Device<'a> {
        Device {
            name: name.to_owned(),
            make: Box::new(make),
            is_requested: true,
            single: None,
        }
    }

    /// Returns the CPU's cores.
    pub fn cpu() -> Device<'static> {
        Device::new("processor", |precision| match precision {
            Precision::Single => Box::new(Cpu::<f32>::new()),
            Precision::Double => Box::new(Cpu::<f64>::new()),
        })
    }

    /// Returns the same device for users who left the choice to the program: work that is too small for it to pay, or too
    /// large for its memory, falls back to the CPU.
    #[must_use]
    pub fn unless_cpu_is_better(self) -> Device<'a> {
        Device {
            is_requested: false,
            ..self
        }
    }

    /// Returns its name, which results say.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the user asked for it, so that all work runs on it, or fails.
    pub fn is_requested(&self) -> bool {
        self.is_requested
    }

    /// Makes an executor that computes in these numbers.
    pub fn executor(&self, precision: Precision) -> Box<dyn Exec> {
        (self.make)(precision)
    }

    /// Returns the device's own executor in single precision, which keeps what it has made ready.
    pub fn single(&mut self) -> &mut dyn Exec {
        let make = &self.make;
        &mut **self.single.get_or_insert_with(|| make(Precision::Single))
    }
}

/// Returns what a device says of its failure, without its name and without advice.
pub fn failure(error: ExecError) -> String {
    match error {
        ExecError::OutOfMemory { bytes, .. } | ExecError::OutOfHostMemory { bytes } => {
            format!("it has not {bytes} bytes of memory")
        }
        ExecError::Lost { reason, .. } | ExecError::Refused { reason, .. } => reason,
        ExecError::Late { seconds, .. } => format!("no answer within {seconds} seconds"),
    }
}
