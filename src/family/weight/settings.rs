//! The settings of a weight in a recipe.

use super::{Draws, Slot, Weight, WeightError};
use serde::de::DeserializeOwned;
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use std::any::Any;
use std::fmt;

/// Settings of a family of trained weights, by which an operator and its initial parameters are made.
pub trait TrainedFamily:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The family's name in recipes.
    const NAME: &'static str;

    /// Settings beside the name, as recipes write them, that show what the family can do: its tests run on them.
    const EXAMPLES: &'static [&'static str];

    /// Makes the weight for a slot.
    ///
    /// # Errors
    ///
    /// [`WeightError`] when it cannot be made for this slot.
    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError>;
}

/// A family of trained weights: its name in recipes, and how its settings are read.
#[derive(Clone, Copy)]
pub struct WeightFamily {
    /// `block-diagonal`.
    pub name: &'static str,
    /// [`TrainedFamily::EXAMPLES`].
    pub examples: &'static [&'static str],
    read: fn(toml::Table) -> Result<WeightSettings, toml::de::Error>,
}

impl WeightFamily {
    /// The family whose settings are `F`.
    #[must_use]
    pub const fn of<F: TrainedFamily>() -> WeightFamily {
        WeightFamily {
            name: F::NAME,
            examples: F::EXAMPLES,
            read: |table| Ok(WeightSettings::from(table.try_into::<F>()?)),
        }
    }

    /// Reads its settings.
    pub(in crate::family) fn settings(
        self,
        table: toml::Table,
    ) -> Result<WeightSettings, toml::de::Error> {
        (self.read)(table)
    }
}

/// The family of a weight and its settings.
///
/// ```
/// use spectra::family::weight::{Slot, WeightSettings};
///
/// let said = r#"{ "family": "block-diagonal", "blocks": 10 }"#;
/// let settings: WeightSettings = serde_json::from_str(said).unwrap();
/// let weight = settings.build(&Slot::plain(500, 800), 1, 0).unwrap();
/// assert_eq!(weight.operator.parameters(), 500 * 800 / 10);
/// ```
pub struct WeightSettings(Box<dyn Settings>);

/// [`TrainedFamily`] without its type.
trait Settings: fmt::Debug + Any + Send + Sync {
    fn name(&self) -> &'static str;
    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError>;
    fn boxed_clone(&self) -> Box<dyn Settings>;
    fn equals(&self, other: &WeightSettings) -> bool;
    fn written(&self) -> serde_json::Result<serde_json::Value>;
}

impl<F: TrainedFamily> Settings for F {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        TrainedFamily::build(self, slot, draws)
    }

    fn boxed_clone(&self) -> Box<dyn Settings> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &WeightSettings) -> bool {
        other.get::<F>() == Some(self)
    }

    fn written(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }
}

impl WeightSettings {
    /// The weight of layer `layer` of a network of `seed`; the same bits everywhere.
    ///
    /// # Errors
    ///
    /// [`WeightError`] when the family cannot be made for this slot.
    ///
    /// # Panics
    ///
    /// When the slot is empty or its columns are not its kernel's or image's.
    pub fn build(&self, slot: &Slot, seed: u64, layer: u64) -> Result<Weight, WeightError> {
        slot.check();
        self.0.build(slot, Draws { seed, layer })
    }

    /// Returns the family's name in recipes.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.0.name()
    }

    /// Returns the settings where they are of this family.
    #[must_use]
    pub fn get<F: TrainedFamily>(&self) -> Option<&F> {
        let settings: &dyn Any = &*self.0;
        settings.downcast_ref()
    }
}

impl<F: TrainedFamily> From<F> for WeightSettings {
    fn from(settings: F) -> WeightSettings {
        WeightSettings(Box::new(settings))
    }
}

impl Clone for WeightSettings {
    fn clone(&self) -> WeightSettings {
        WeightSettings(self.0.boxed_clone())
    }
}

impl PartialEq for WeightSettings {
    fn eq(&self, other: &WeightSettings) -> bool {
        self.0.equals(other)
    }
}

impl fmt::Debug for WeightSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name, then the settings in the order of their fields.
impl Serialize for WeightSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self.0.written().map_err(S::Error::custom)?;
        let fields = written.as_object().into_iter().flatten();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("family", self.family())?;
        for (key, value) in fields {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
