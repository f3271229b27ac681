//! Names of the same tensor in files that wrappers have written.

use super::{Source, TensorInfo};
use std::collections::{HashMap, HashSet};

/// Prefixes that wrappers put before every name: data-parallel training, compilation, the heads of models, adapters,
/// and checkpoints that keep a state dictionary beside other things.
const PREFIXES: [&str; 6] = [
    "module.",
    "_orig_mod.",
    "base_model.model.",
    "model.",
    "state_dict.",
    "model_state_dict.",
];

/// Returns `name` without the prefixes of wrappers.
fn bare(name: &str) -> &str {
    let mut bare = name;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix)) {
        bare = rest;
    }
    bare
}

/// Which tensors of two sources are the same: those of one name, and of the others those whose names are the same without
/// the prefixes of wrappers, if no second one on either side is.
#[derive(Debug)]
pub struct Namesakes {
    others: HashMap<usize, usize>,
}

impl Namesakes {
    /// Those of `one` in `other`.
    pub fn between(one: &Source, other: &Source) -> Namesakes {
        let is_readable = |source: &Source| source.whole_file_problem().is_none();
        if is_readable(one) && is_readable(other) {
            Namesakes::of(&names(one), &names(other))
        } else {
            Namesakes::of(&[], &[])
        }
    }

    /// Those of the names `one` among the names `other`.
    pub fn of(one: &[&str], other: &[&str]) -> Namesakes {
        let exact: HashMap<&str, usize> = other.iter().enumerate().map(|(i, n)| (*n, i)).collect();
        let same = one.iter().enumerate();
        let same = same.filter_map(|(index, name)| Some((index, *exact.get(name)?)));
        let mut others: HashMap<usize, usize> = same.collect();
        let met: HashSet<usize> = others.values().copied().collect();
        let left = unique(one, |index| others.contains_key(&index));
        let right = unique(other, |index| met.contains(&index));
        for (name, index) in left {
            if let (Some(index), Some(Some(namesake))) = (index, right.get(name)) {
                others.insert(index, *namesake);
            }
        }
        Namesakes { others }
    }

    /// Returns the index of the tensor that tensor `index` of the first source is in the second.
    pub fn find(&self, index: usize) -> Option<usize> {
        self.others.get(&index).copied()
    }
}

/// Returns for each tensor of `source` the index of another one whose numbers it has, if there is one.
pub fn owners(source: &Source) -> Vec<Option<usize>> {
    let names = names(source);
    let indices: HashMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let owner = |info: &TensorInfo| indices.get(info.alias_of.as_deref()?).copied();
    source.tensors().iter().map(owner).collect()
}

fn names(source: &Source) -> Vec<&str> {
    source
        .tensors()
        .iter()
        .map(|info| info.name.as_str())
        .collect()
}

/// The bare names of those that are not yet `met`; `None` where two share one.
fn unique<'a>(names: &[&'a str], met: impl Fn(usize) -> bool) -> HashMap<&'a str, Option<usize>> {
    let mut unique = HashMap::new();
    for (index, name) in names.iter().enumerate().filter(|(index, _)| !met(*index)) {
        unique
            .entry(bare(name))
            .and_modify(|earlier| *earlier = None)
            .or_insert(Some(index));
    }
    unique
}

/// Returns what `one` has before the part of its name that it shares with `other`, and the same of `other`.
pub fn prefixes<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    let before = |name: &'a str| &name[..name.len() - bare(name).len()];
    (before(one), before(other))
}

#[cfg(test)]
mod tests {
    use super::{Namesakes, bare, prefixes};

    /// Catches prefixes that are taken off inside a name, and wrappers in wrappers that are not.
    #[test]
    fn prefixes_of_wrappers_are_taken_off() {
        for (name, expected) in [
            ("module._orig_mod.layers.0.weight", "layers.0.weight"),
            ("base_model.model.model.q_proj.weight", "q_proj.weight"),
            ("encoder.model.weight", "encoder.model.weight"),
            ("modules.0.weight", "modules.0.weight"),
            ("state_dict.module.fc.weight", "fc.weight"),
            ("ema_state_dict.fc.weight", "ema_state_dict.fc.weight"),
        ] {
            assert_eq!(bare(name), expected);
        }
        assert_eq!(prefixes("module.a", "model.a"), ("module.", "model."));
    }

    /// Catches a tensor that is compared with two, or with one that has its own namesake.
    #[test]
    fn a_tensor_has_one_namesake() {
        for (one, other, expected) in [
            (&["fc", "model.fc"][..], &["fc"][..], [Some(0), None]),
            (&["fc", "model.fc"], &["module.fc"], [None, None]),
            (&["module.fc", "out"], &["fc", "model.fc"], [None, None]),
            (
                &["module.fc", "out"],
                &["model.fc", "module.out"],
                [Some(0), Some(1)],
            ),
            (
                &["model.fc", "fc"],
                &["fc", "module.fc"],
                [Some(1), Some(0)],
            ),
        ] {
            let found = Namesakes::of(one, other);
            assert_eq!(
                [0, 1].map(|index| found.find(index)),
                expected,
                "{one:?} {other:?}"
            );
        }
    }
}
