//! The losses of `golden_losses` on a GPU.

use super::golden_losses::{NETWORKS, deviates};
use super::trial::on_machine;
use libtest_mimic::Trial;
use spectra::device::{Device, Gpu, Machine};
use spectra::program::Exec;
use spectra::train::recipe::Precision;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![on_machine(losses_are_torchs_on_a_gpu)]
}

/// Operations of a GPU are within 2.5 units in the last place: catches a kernel that is right alone and wrong in a step.
fn losses_are_torchs_on_a_gpu(machine: Machine) {
    let gpu = |_| -> Box<dyn Exec> { Box::new(Gpu::new(&machine)) };
    let machines = Device::new("gpu", gpu);
    for (name, ..) in NETWORKS {
        let unit = 2.5 * f64::from(f32::EPSILON);
        deviates(name, Precision::Single, &machines, unit);
    }
}
