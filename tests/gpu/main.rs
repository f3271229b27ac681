//! Plans on a GPU against the processor in double precision.

#[path = "../families_of_operators/mod.rs"]
mod families_of_operators;
#[path = "../adapter/mod.rs"]
mod adapter;

use adapter::machine;
use families_of_operators::check_all;
use spectra::device::Gpu;

/// Every operation of a GPU is within 2.5 units in the last place: division, the coarsest.
const EPSILON: f64 = 2.5 * f32::EPSILON as f64;

/// Catches a wrong kernel, an entry that is never stored and one that is read before.
#[test]
fn families_conform() {
    let Some(machine) = machine() else { return };
    check_all(&mut Gpu::new(&machine).poisoned(), EPSILON);
}
