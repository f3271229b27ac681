//! The families of the table by their abilities, and by name.

use super::dense::DenseSettings;
use super::ensemble::{Ensemble, Sketching};
use super::projection::{FamilyKind, Projection};
use super::terms::{BasisFamily, Terms};
use super::weight::{WeightFamily, WeightSettings};
use super::{Ability, Entry, FAMILIES};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::sync::LazyLock;

/// An ability whose families are listed.
pub trait Listed: Ability + Sized {
    /// Returns the families that have it, in the order of the table.
    fn all() -> &'static [Entry<Self>];
}

impl Listed for Projection {
    fn all() -> &'static [FamilyKind] {
        static ALL: LazyLock<Vec<FamilyKind>> = LazyLock::new(|| {
            FAMILIES
                .iter()
                .filter_map(|family| family.projection)
                .collect()
        });
        &ALL
    }
}

impl Listed for Terms {
    fn all() -> &'static [BasisFamily] {
        static ALL: LazyLock<Vec<BasisFamily>> =
            LazyLock::new(|| FAMILIES.iter().filter_map(|family| family.terms).collect());
        &ALL
    }
}

impl Listed for Sketching {
    fn all() -> &'static [Ensemble] {
        static ALL: LazyLock<Vec<Ensemble>> = LazyLock::new(|| {
            FAMILIES
                .iter()
                .filter_map(|family| family.sketching)
                .collect()
        });
        &ALL
    }
}

impl<A: Listed> Entry<A> {
    /// Returns all of them, in the order of reports and help texts.
    pub fn all() -> &'static [Entry<A>] {
        A::all()
    }

    /// Returns the family of this name on the command line.
    pub fn from_tag(tag: &str) -> Option<Entry<A>> {
        let mut all = A::all().iter();
        all.find(|entry| entry.tag() == tag).copied()
    }
}

impl<'de, A: Listed> Deserialize<'de> for Entry<A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entry<A>, D::Error> {
        let key = String::deserialize(deserializer)?;
        let found = A::all().iter().find(|entry| entry.key() == key);
        let keys = || A::all().iter().map(|entry| entry.key().into_owned());
        found.copied().ok_or_else(|| unknown(&key, keys()))
    }
}

/// Serde's error for a name that is none of `known`.
fn unknown<E: Error>(name: &str, known: impl Iterator<Item = String>) -> E {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    let known = known.join(", ");
    E::custom(format!("unknown variant `{name}`, expected one of {known}"))
}

impl WeightFamily {
    /// Returns all of them.
    pub fn all() -> impl Iterator<Item = WeightFamily> {
        FAMILIES.iter().filter_map(|family| family.weight)
    }
}

impl Default for WeightSettings {
    fn default() -> WeightSettings {
        WeightSettings::from(DenseSettings::default())
    }
}

/// The key of the family's name.
const NAME: &str = "family";

impl<'de> Deserialize<'de> for WeightSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WeightSettings, D::Error> {
        let mut table = toml::Table::deserialize(deserializer)?;
        let name = table
            .remove(NAME)
            .ok_or_else(|| D::Error::missing_field(NAME))?;
        let name: String = name.try_into().map_err(|e| D::Error::custom(e.message()))?;
        let weight = WeightFamily::all().find(|weight| weight.name == name);
        let names = || WeightFamily::all().map(|weight| weight.name.to_owned());
        let weight = weight.ok_or_else(|| unknown::<D::Error>(&name, names()))?;
        let settings = weight.settings(table);
        settings.map_err(|error| D::Error::custom(error.message()))
    }
}
