//! The executors of a training.

use super::recipe::Precision;
use crate::device::Cpu;
use crate::program::Exec;

/// A device under its name, and how to make a machine on it.
pub struct Machines<'a> {
    name: String,
    make: Box<dyn Fn(Precision) -> Box<dyn Exec> + 'a>,
}

impl<'a> Machines<'a> {
    /// `make` makes a machine that computes in these numbers; the record says `name`.
    pub fn new(name: &str, make: impl Fn(Precision) -> Box<dyn Exec> + 'a) -> Machines<'a> {
        Machines {
            name: name.to_owned(),
            make: Box::new(make),
        }
    }

    /// The CPU's cores.
    pub fn processor() -> Machines<'static> {
        Machines::new("processor", |precision| match precision {
            Precision::Single => Box::new(Cpu::<f32>::new()),
            Precision::Double => Box::new(Cpu::<f64>::new()),
        })
    }

    /// The device.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn make(&self, precision: Precision) -> Box<dyn Exec> {
        (self.make)(precision)
    }
}
