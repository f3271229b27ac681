//! Weights that are computed from several stored tensors.

mod compute;
mod find;
mod formula;

use super::escape::escape;
use super::kind::Kind;
use super::tensor::TensorInfo;
use find::{MASK, PARAMETRIZATIONS, outwards, weights};
pub(super) use formula::Composed;
use std::collections::{HashMap, HashSet};

/// Joins the tensors that make weights together: of each weight the first gets a way to compute it and a note, the others
/// are no weights by themselves.
pub(super) fn mark(tensors: &mut [TensorInfo]) {
    let names = tensors.iter().map(|info| info.name.clone()).zip(0..);
    let indices: HashMap<String, usize> = names.collect();
    for (name, composed) in weights(tensors) {
        let main = composed.main();
        let mut names = Vec::new();
        for part in composed.parts() {
            let info = &mut tensors[part];
            let reason = info.unreadable.clone();
            let shown = format!("'{}'", escape(&info.name));
            if part != main {
                let is_mask = info.name.ends_with(MASK.1);
                info.kind = if is_mask { Kind::Mask } else { Kind::Factor };
                names.push(shown.clone());
            }
            let info = &mut tensors[main];
            info.unreadable = info.unreadable.take().or(reason.map(|reason| {
                format!("{shown}, without which it is no weight, cannot be read: {reason}")
            }));
        }
        // A module that was stored whole keeps what it computed last, at every step.
        let parts = composed.parts();
        let outwards = parts.iter().flat_map(|&part| outwards(&tensors[part].name));
        let computed: Vec<String> = outwards.collect();
        for index in computed.iter().filter_map(|name| indices.get(name)) {
            if !parts.contains(index) {
                tensors[*index].kind = Kind::Factor;
                tensors[*index].alias_of = None;
            }
        }
        // Directions that are tied are other weights by other norms.
        if !parts.iter().all(|&part| tensors[part].alias_of.is_some()) {
            tensors[main].alias_of = None;
        }
        let (words, names) = (composed.words(), names.join(" and "));
        let info = &mut tensors[main];
        info.notes.push(format!("read as {words}, with {names}"));
        info.composed = Some((name, Box::new(composed)));
    }
    mark_parametrizations(tensors);
}

/// Says of what is stored before a parametrization that the network changes it, and that a parametrization's own tensors
/// are no weights.
fn mark_parametrizations(tensors: &mut [TensorInfo]) {
    let computed: HashSet<String> = tensors
        .iter()
        .flat_map(|info| outwards(&info.name))
        .collect();
    let has_norms = |name: &str| {
        let stem = name.strip_suffix("_v");
        stem.is_some_and(|stem| computed.contains(&format!("{stem}_g")))
    };
    const BEFORE: &str = "as it is before its parametrization, by which the network changes it; \
        torch.nn.utils.parametrize.remove_parametrizations stores what it uses";
    for info in tensors.iter_mut().filter(|info| info.kind == Kind::Weight) {
        if has_norms(&info.weight_name()) {
            info.notes.push(BEFORE.into());
        } else if let (None, Some((_, inside))) =
            (&info.composed, info.name.rsplit_once(PARAMETRIZATIONS))
        {
            if inside
                .split_once('.')
                .is_some_and(|(_, part)| part.starts_with("original"))
            {
                info.notes.push(BEFORE.into())
            } else {
                info.kind = Kind::Factor
            }
        }
    }
}

impl TensorInfo {
    /// Returns the name under which a module has the weight once it is whole: `weight` for `weight_v` with `weight_g`.
    pub fn weight_name(&self) -> String {
        match &self.composed {
            Some((name, _)) => name.clone(),
            None => self.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
