//! Weights that are computed from several stored tensors.

mod compute;
mod find;

use super::escape::escape;
use super::kind::Kind;
use super::tensor::TensorInfo;
use find::{outwards, weights};
use std::collections::{HashMap, HashSet};

/// How a weight is computed from tensors of the same source, which are known by their indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Composed {
    Stored(usize),
    /// g · v / |v|, with one norm g for each place along `axis` or one for all (`torch.nn.utils.weight_norm` and its
    /// parametrization).
    Norms {
        v: Box<Composed>,
        g: Box<Composed>,
        axis: Option<usize>,
    },
    /// w · mask (`torch.nn.utils.prune`).
    Mask {
        w: Box<Composed>,
        mask: Box<Composed>,
    },
    /// w / (uᵀ W v), with the singular vectors of spectral normalisation (`torch.nn.utils.spectral_norm` and its
    /// parametrization).
    Vectors {
        w: Box<Composed>,
        u: Box<Composed>,
        v: Box<Composed>,
    },
}

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
            match inside
                .split_once('.')
                .is_some_and(|(_, part)| part.starts_with("original"))
            {
                true => info.notes.push(BEFORE.into()),
                false => info.kind = Kind::Factor,
            }
        }
    }
}

/// Ends of the names of a weight and its mask.
const MASK: (&str, &str) = ("_orig", "_mask");
/// Where PyTorch keeps what it computes a weight from.
const PARAMETRIZATIONS: &str = "parametrizations.";

impl TensorInfo {
    /// Returns the name under which a module has the weight once it is whole: `weight` for `weight_v` with `weight_g`.
    pub fn weight_name(&self) -> String {
        match &self.composed {
            Some((name, _)) => name.clone(),
            None => self.name.clone(),
        }
    }
}

impl Composed {
    /// The stored tensor in whose row the weight is.
    fn main(&self) -> usize {
        match self {
            Composed::Stored(index) => *index,
            Composed::Norms { v: first, .. }
            | Composed::Mask { w: first, .. }
            | Composed::Vectors { w: first, .. } => first.main(),
        }
    }

    /// All stored tensors, the first one first.
    fn parts(&self) -> Vec<usize> {
        match self {
            Composed::Stored(index) => vec![*index],
            Composed::Norms { v, g, .. } => [v.parts(), g.parts()].concat(),
            Composed::Mask { w, mask } => [w.parts(), mask.parts()].concat(),
            Composed::Vectors { w, u, v } => [w.parts(), u.parts(), v.parts()].concat(),
        }
    }

    /// Says what is computed, from the inside outwards.
    fn words(&self) -> String {
        let (inner, words) = match self {
            Composed::Stored(_) => return String::new(),
            Composed::Norms { v, .. } => (v, "g · v / |v|"),
            Composed::Mask { w, .. } => (w, "the weight times its mask"),
            Composed::Vectors { w, .. } => (w, "the weight over its spectral norm uᵀ W v"),
        };
        match inner.words() {
            inner if inner.is_empty() => words.to_owned(),
            inner => format!("{inner}, then {words}"),
        }
    }
}

#[cfg(test)]
mod tests;
