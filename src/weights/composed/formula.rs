//! How a weight is computed from stored tensors.

/// How a weight is computed from tensors of the same source, which are known by their indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::weights) enum Composed {
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

impl Composed {
    /// The stored tensor in whose row the weight is.
    pub(super) fn main(&self) -> usize {
        match self {
            Composed::Stored(index) => *index,
            Composed::Norms { v: first, .. }
            | Composed::Mask { w: first, .. }
            | Composed::Vectors { w: first, .. } => first.main(),
        }
    }

    /// All stored tensors, the first one first.
    pub(super) fn parts(&self) -> Vec<usize> {
        match self {
            Composed::Stored(index) => vec![*index],
            Composed::Norms { v, g, .. } => [v.parts(), g.parts()].concat(),
            Composed::Mask { w, mask } => [w.parts(), mask.parts()].concat(),
            Composed::Vectors { w, u, v } => [w.parts(), u.parts(), v.parts()].concat(),
        }
    }

    /// Says what is computed, from the inside outwards.
    pub(super) fn words(&self) -> String {
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
