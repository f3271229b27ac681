//! What a run is known by: a hash of all that its result depends on.

use crate::data::Origin;
use crate::train::Recipe;
use sha2::{Digest, Sha256};

/// The version of the numerics. It is raised when a recipe no longer gives the same result up to rounding, so that
/// runs of earlier versions are done again; another order of summation does not raise it.
pub const NUMERICS: u32 = 1;

/// The key of training `recipe` on data of this origin, 16 hexadecimal digits. What the recipe is called and how its data
/// are found does not count; their checksums do.
pub(super) fn training_key(recipe: &Recipe, origin: &Origin) -> String {
    let mut recipe = recipe.clone();
    recipe.name = String::from("-");
    recipe.data.set = String::from("-");
    let origin = serde_json::to_string(origin).expect("an origin has a form in JSON");
    key(&["training", &recipe.to_toml(), &origin])
}

/// The key of other things, by all that they depend on.
pub(super) fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(NUMERICS.to_le_bytes());
    for part in parts {
        // Lengths keep two parts from being taken for two others.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    digest[..8].iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{key, training_key};
    use crate::data;
    use crate::train::recipe::read;

    const TEXT: &str = "
        [training]
        iterations = 10
        [[layer]]
        kind = \"linear\"
        outputs = 10
    ";

    /// Catches a run that is taken for another one, and one that is done again because of its name.
    #[test]
    fn keys_tell_results_apart() {
        let origin = data::open("digits", None).unwrap().origin;
        let recipe = read(TEXT).unwrap();
        let same = training_key(&recipe, &origin);
        let mut other = recipe.clone();
        other.name = "another".into();
        assert_eq!(training_key(&other, &origin), same);
        other.seed += 1;
        assert_ne!(training_key(&other, &origin), same);
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(same.len(), 16);
    }
}
