//! Which tensors are parts of a weight, by their names and shapes.

use std::collections::{HashMap, HashSet};

use super::formula::Composed;
use crate::weights::tensor::TensorInfo;

/// Ends of the names of a weight and its mask.
pub(super) const MASK: (&str, &str) = ("_orig", "_mask");
/// The module under which PyTorch keeps the parts of a computed weight.
pub(super) const PARAMETRIZATIONS: &str = "parametrizations.";
/// Compositions inside compositions: with every step a hostile file may double the work.
const DEEPEST: usize = 5;
/// Parametrizations of one tensor.
const MOST: usize = 16;

/// The weights that are composed, with the names that they have in their modules.
pub(super) fn weights(tensors: &[TensorInfo]) -> Vec<(String, Composed)> {
    let names = Names::of(tensors);
    let mut found: Vec<(String, Composed)> = Vec::new();
    for (index, info) in tensors.iter().enumerate() {
        let outwards: Vec<String> = outwards(&info.name).collect();
        let whole = outwards.into_iter().rev().find_map(|name| {
            let composed = names.composed(&name, DEEPEST)?;
            (composed.main() == index).then_some((name, composed))
        });
        found.extend(whole);
    }
    // Norms that are pruned are composed as well, but no weight.
    let inside = |(_, whole): &(String, Composed)| whole.parts().into_iter().skip(1);
    let inner: HashSet<usize> = found.iter().flat_map(inside).collect();
    found.retain(|(_, composed)| !inner.contains(&composed.main()));
    found
}

/// The names of what the tensor `name` may be the first part of, from the inside outwards.
pub(super) fn outwards(name: &str) -> impl Iterator<Item = String> + use<> {
    std::iter::successors(outer(name), |name| outer(name)).take(DEEPEST)
}

/// The name of the weight whose first part is called `name`.
fn outer(name: &str) -> Option<String> {
    for end in ["_orig", "_v"] {
        if let Some(stem) = name.strip_suffix(end) {
            return Some(stem.to_owned());
        }
    }
    let stem = [".original1", ".original"]
        .iter()
        .find_map(|end| name.strip_suffix(end))?;
    let (before, last) = stem.rsplit_once('.').unwrap_or(("", stem));
    let module = before.strip_suffix("parametrizations")?;
    Some(format!("{module}{last}"))
}

/// The tensors of a source by name.
struct Names<'a> {
    tensors: &'a [TensorInfo],
    indices: HashMap<&'a str, usize>,
    /// The names of what the tensors may be the first parts of.
    composable: HashSet<String>,
    /// The stored parts of parametrized tensors, by the name of the tensor.
    parametrizations: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Names<'a> {
    fn of(tensors: &'a [TensorInfo]) -> Names<'a> {
        let names = || tensors.iter().map(|info| info.name.as_str());
        let mut parametrizations: HashMap<&str, Vec<&str>> = HashMap::new();
        for name in names() {
            let Some(start) = name.rfind(PARAMETRIZATIONS) else {
                continue;
            };
            let inside = start + PARAMETRIZATIONS.len();
            if let Some(end) = name[inside..].find('.') {
                let (stem, own) = name.split_at(inside + end);
                parametrizations.entry(stem).or_default().push(&own[1..]);
            }
        }
        Names {
            tensors,
            indices: names()
                .enumerate()
                .map(|(index, name)| (name, index))
                .collect(),
            composable: names().flat_map(outwards).collect(),
            parametrizations,
        }
    }

    fn shape(&self, composed: &Composed) -> &[usize] {
        &self.tensors[composed.main()].shape
    }

    fn stored(&self, name: &str) -> Option<Composed> {
        self.indices.get(name).copied().map(Composed::Stored)
    }

    /// Returns what `name` is: composed of others, or stored.
    fn find(&self, name: &str, depth: usize) -> Option<Composed> {
        self.composed(name, depth).or_else(|| self.stored(name))
    }

    /// Returns what `name` is composed of, if it is.
    fn composed(&self, name: &str, depth: usize) -> Option<Composed> {
        let depth = depth.checked_sub(1)?;
        if !self.composable.contains(name) {
            return None;
        }
        let part = |end: &str| self.find(&format!("{name}{end}"), depth);
        if let Some(w) = part(MASK.0) {
            if let Some(mask) = part(MASK.1) {
                return self.masked(w, mask);
            }
            return self.over_norm(w, part("_u")?, part("_v")?);
        }
        // Numbers change by this: `query_v` beside `query_g` is no weight norm.
        if name.rsplit('.').next()?.contains("weight")
            && let (Some(v), Some(g)) = (part("_v"), part("_g"))
        {
            return self.of_norm(v, g);
        }
        self.parametrized(name, depth)
    }

    /// Returns what the parametrizations of `name` make of it; `None` where one of them is not known.
    fn parametrized(&self, name: &str, depth: usize) -> Option<Composed> {
        let (module, last) = name.rsplit_once('.').unwrap_or(("", name));
        let dot = if module.is_empty() { "" } else { "." };
        let stem = format!("{module}{dot}{PARAMETRIZATIONS}{last}");
        let own = self.parametrizations.get(stem.as_str())?;
        let part = |end: &str| self.find(&format!("{stem}.{end}"), depth);
        let (mut weight, first) = match part("original") {
            Some(original) => (original, 0),
            // The first of them takes two tensors.
            None => (self.of_norm(part("original1")?, part("original0")?)?, 1),
        };
        let numbers = own
            .iter()
            .filter_map(|part| part.split_once('.')?.0.parse::<usize>().ok());
        let Some(end) = numbers.max() else {
            return matches!(weight, Composed::Norms { .. }).then_some(weight);
        };
        if end >= MOST {
            return None;
        }
        for number in first..=end {
            let prefix = format!("{number}.");
            let kept = own.iter().filter(|part| part.starts_with(&prefix)).count();
            let vector = |end: &str| part(&format!("{prefix}{end}"));
            let (u, v) = (vector("_u")?, vector("_v")?);
            weight = self.over_norm(weight, u, v).filter(|_| kept == 2)?;
        }
        Some(weight)
    }

    fn masked(&self, w: Composed, mask: Composed) -> Option<Composed> {
        let fits = self.shape(&w) == self.shape(&mask);
        fits.then(|| Composed::Mask {
            w: Box::new(w),
            mask: Box::new(mask),
        })
    }

    fn of_norm(&self, v: Composed, g: Composed) -> Option<Composed> {
        let axis = norm_axis(self.shape(&v), self.shape(&g))?;
        Some(Composed::Norms {
            v: Box::new(v),
            g: Box::new(g),
            axis,
        })
    }

    fn over_norm(&self, w: Composed, u: Composed, v: Composed) -> Option<Composed> {
        let fits = !vector_axes(self.shape(&w), self.shape(&u), self.shape(&v)).is_empty();
        fits.then(|| Composed::Vectors {
            w: Box::new(w),
            u: Box::new(u),
            v: Box::new(v),
        })
    }
}

/// Returns along which dimension of `shape` there is a norm for each place, `Some(None)` where there is one norm for
/// all; `None` where `norms` are not the shape of any.
pub(super) fn norm_axis(shape: &[usize], norms: &[usize]) -> Option<Option<usize>> {
    if shape.len() < 2 || shape.contains(&0) || !norms.is_empty() && norms.len() != shape.len() {
        return None;
    }
    let mut lengths = norms.iter().enumerate().filter(|&(_, &length)| length != 1);
    match (lengths.next(), lengths.next()) {
        (None, _) => Some(None),
        (Some((axis, &length)), None) if length == shape[axis] => Some(Some(axis)),
        _ => None,
    }
}

/// Returns along which dimensions of `shape` the rows may lie that the singular vectors `u` and `v` belong to.
pub(super) fn vector_axes(shape: &[usize], u: &[usize], v: &[usize]) -> Vec<usize> {
    let (&[rows], &[columns]) = (u, v) else {
        return Vec::new();
    };
    let count = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
    let is_whole = count.is_some_and(|n| n > 0 && rows.checked_mul(columns) == Some(n));
    let fits = |&axis: &usize| is_whole && shape[axis] == rows;
    (0..shape.len().min(2)).filter(fits).collect()
}
