//! Families as values of options: their names, and their help.

use crate::family::{Entry, Listed};
use clap::ValueEnum;
use clap::builder::PossibleValue;

impl<A: Listed> ValueEnum for Entry<A> {
    fn value_variants<'a>() -> &'a [Entry<A>] {
        A::all()
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.tag()).help(self.about()))
    }
}
