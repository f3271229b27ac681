//! Names of tensors and of the layers that they are the weights of.

use crate::weights::Namesakes;

/// Endings of the names of weights, after the names of their layers.
const ENDINGS: [&str; 4] = [".weight", ".kernel", "/kernel:0", "/kernel"];

/// Returns the layer that a tensor is the weight of, by its name.
pub(super) fn module(name: &str) -> &str {
    let ending = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
    ending.filter(|module| !module.is_empty()).unwrap_or(name)
}

/// Returns the name of a layer with each number as a star: layers that differ in depth have one pattern.
pub(super) fn pattern(name: &str) -> String {
    let mut pattern = String::new();
    for c in module(name).chars() {
        if !c.is_ascii_digit() {
            pattern.push(c);
        } else if !pattern.ends_with('*') {
            pattern.push('*');
        }
    }
    pattern
}

/// Returns for each of `wanted`, the names of a layer, the place of its weight among `tensors`. Prefixes of wrappers are
/// passed over where no second name is the same without them.
pub(super) fn find(wanted: &[Vec<&str>], tensors: &[&str]) -> Vec<Option<usize>> {
    let modules: Vec<&str> = tensors.iter().map(|name| module(name)).collect();
    let all: Vec<&str> = wanted.iter().flatten().copied().collect();
    let (exact, layers) = (Namesakes::of(&all, tensors), Namesakes::of(&all, &modules));
    let mut next = 0;
    let place = |names: &Vec<&str>| {
        let places = next..next + names.len();
        next = places.end;
        let mut found = places.map(|place| layers.find(place).or_else(|| exact.find(place)));
        found.find_map(|found| found)
    };
    wanted.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::{find, module, pattern};

    /// Catches a layer that is given the weight of another one, or none because its model was wrapped.
    #[test]
    fn layers_find_their_weights() {
        let tensors = [
            "bert.a.1.weight",
            "bert.a.1.bias",
            "model.b/kernel:0",
            "c",
            "weight",
        ];
        let found = |names: &[&str]| find(&[names.to_vec()], &tensors)[0];
        assert_eq!(found(&["bert.a.1"]), Some(0));
        assert_eq!(found(&["module.bert.a.1"]), Some(0));
        assert_eq!(found(&["bert.a.1.bias"]), Some(1));
        assert_eq!(found(&["b"]), Some(2));
        assert_eq!(found(&["x", "c"]), Some(3));
        assert_eq!(found(&["a.1"]), None);
        assert_eq!(module(".weight"), ".weight");
        assert_eq!(pattern("h.10.fc2.weight"), "h.*.fc*");
    }
}
