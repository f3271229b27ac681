//! Remarks on what was found of a layer.

use super::{Accuracy, Sketched, SketchedLayer};

/// Says how near a device's trials are, and what a reader may overlook.
pub(super) fn remarks(layer: &SketchedLayer, found: &Sketched) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(accuracy) = found.accuracy {
        let Accuracy {
            checked,
            deviation,
            bound,
        } = accuracy;
        notes.push(format!(
            "drawn again by the processor in double precision, {checked} trials differ by {deviation:.1e} at most, \
             relative to the squared error and ‖W M‖² together; single precision explains {bound:.1e}"
        ));
    }
    let (stored, dense) = (found.cost.parameters, found.dense_parameters);
    if stored >= dense {
        notes.push(format!(
            "nothing is saved: {stored} numbers against the layer's own {dense}"
        ));
    }
    if layer.area() > 1 && layer.energies().images.is_none() {
        notes.push(
            "inputs are one patch of independent pixels; with the size of an image, they are all its patches"
                .into(),
        );
    }
    notes
}
