//! JSON objects whose keys may not repeat.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::error::Fault;
use super::escape::escape;

/// Entries of an object in the order of the text; a repeated key is an error.
#[derive(Debug)]
pub(crate) struct Unique<V>(pub(crate) Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for UniqueVisitor<V> {
    type Value = Unique<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        match repeated(&entries) {
            Some(key) => Err(A::Error::custom(format!(
                "the key '{}' stands twice in one object",
                escape(key)
            ))),
            None => Ok(Unique(entries)),
        }
    }
}

/// A key that occurs more than once.
pub(super) fn repeated<V>(entries: &[(String, V)]) -> Option<&str> {
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    let pair = keys.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(pair[0])
}

/// Parses `text`, which begins `base` bytes into its file.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a [u8], base: u64) -> Result<T, Fault> {
    serde_json::from_slice(text).map_err(|error| {
        let before: usize = text
            .split_inclusive(|&byte| byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let at = before + error.column().saturating_sub(1);
        let message = error.to_string();
        let message = message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(words, _)| words);
        Fault::malformed(format!(
            "the JSON is not as it should be: {}",
            escape(message)
        ))
        .at(base + at as u64)
    })
}
