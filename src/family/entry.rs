//! Families by one of their abilities.

use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// An ability by which families are listed, each under its own name.
pub trait Ability: Sync + 'static {
    /// Returns the family's name on the command line.
    fn tag(&self) -> &'static str;

    /// Says in a few words what the family is.
    fn about(&self) -> &'static str;

    /// Returns its name in tables and pictures.
    fn name(&self) -> &'static str {
        self.tag()
    }

    /// Returns its name in files.
    fn key(&self) -> Cow<'static, str> {
        self.tag().into()
    }
}

/// A family by one of its abilities: compared by name, and written so.
pub struct Entry<A: 'static>(pub(super) &'static A);

impl<A: Ability> Entry<A> {
    /// Returns the family's name in tables and pictures.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl<A> Clone for Entry<A> {
    fn clone(&self) -> Entry<A> {
        *self
    }
}

impl<A> Copy for Entry<A> {}

impl<A> Deref for Entry<A> {
    type Target = A;

    fn deref(&self) -> &A {
        self.0
    }
}

impl<A: Ability> PartialEq for Entry<A> {
    fn eq(&self, other: &Entry<A>) -> bool {
        self.tag() == other.tag()
    }
}

impl<A: Ability> Eq for Entry<A> {}

impl<A: Ability> fmt::Debug for Entry<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl<A: Ability> Serialize for Entry<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.key())
    }
}
