//! One run over one or more files, as plain serialisable data.

use crate::weights::{FileIdentity, Selection, Source, Status};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::ops::Deref;

/// Name and version of this program.
pub const PROGRAM: &str = concat!("spectra ", env!("CARGO_PKG_VERSION"));

/// A row of a run.
pub trait Entry: Serialize {
    /// Key of the rows in the JSON document.
    const KEY: &'static str;

    /// Returns what became of it.
    fn status(&self) -> Status;

    /// Returns the file and the name to be named where it failed, and the reason.
    fn failure(&self) -> (&str, &str, Option<&str>);
}

/// Keys of one command's document beside those that all have.
pub trait Extra {
    /// Writes the keys that stand after the common key `key`.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    fn after<M: SerializeMap>(&self, _key: &str, _map: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl Extra for () {}

/// One run of a command over one or more files. A field's name is its key in the JSON, `None` is `null`; the rows have the
/// key that their [`Entry`] says. It reads as its extra keys, which stand beside the common ones as they do in JSON.
#[derive(Debug, Clone)]
pub struct Run<S, R, X = ()> {
    /// Version of this command's JSON: removing or renaming a key raises it.
    pub schema_version: u32,
    /// Program and version that wrote this.
    pub program: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Settings as resolved.
    pub settings: S,
    /// Which tensors were asked for, and how they were taken as matrices.
    pub selection: Selection,
    /// The files read.
    pub files: Vec<FileIdentity>,
    /// Remarks that concern a file as a whole.
    pub warnings: Vec<String>,
    /// Whether every tensor has its row and all of it was computed; not so when the run was interrupted.
    pub complete: bool,
    /// The rows, in file order.
    pub rows: Vec<R>,
    /// What only this command says.
    pub extra: X,
}

/// What the head of a command's document says.
#[derive(Debug, Clone)]
pub struct Heading<S> {
    /// Version of this command's JSON.
    pub schema_version: u32,
    /// Seed of every random draw.
    pub seed: u64,
    /// Settings as resolved.
    pub settings: S,
}

impl<S, R, X> Run<S, R, X> {
    /// Returns a run without rows over `sources`.
    pub fn new(
        heading: Heading<S>,
        sources: &[Source],
        selection: &Selection,
        extra: X,
    ) -> Run<S, R, X> {
        Run {
            schema_version: heading.schema_version,
            program: PROGRAM.to_owned(),
            seed: heading.seed,
            settings: heading.settings,
            selection: selection.clone(),
            files: sources.iter().map(FileIdentity::of).collect(),
            warnings: warnings_of(sources),
            complete: true,
            rows: Vec::new(),
            extra,
        }
    }
}

/// Returns what is odd about each of `sources`.
pub fn warnings_of(sources: &[Source]) -> Vec<String> {
    let warnings = sources.iter().flat_map(Source::warnings);
    warnings.cloned().collect()
}

impl<S, R: Entry, X> Run<S, R, X> {
    /// Returns how many rows have this status.
    pub fn count(&self, status: Status) -> usize {
        self.rows
            .iter()
            .filter(|row| row.status() == status)
            .count()
    }
}

impl<S, R, X> Deref for Run<S, R, X> {
    type Target = X;

    fn deref(&self) -> &X {
        &self.extra
    }
}

impl<S: Serialize, R: Entry, X: Extra> Serialize for Run<S, R, X> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut keys = Keys {
            map: &mut map,
            extra: &self.extra,
        };
        keys.write("schema_version", &self.schema_version)?;
        keys.write("program", &self.program)?;
        keys.write("seed", &self.seed)?;
        keys.write("settings", &self.settings)?;
        keys.write("selection", &self.selection)?;
        keys.write("files", &self.files)?;
        keys.write("warnings", &self.warnings)?;
        keys.write("complete", &self.complete)?;
        keys.write(R::KEY, &self.rows)?;
        map.end()
    }
}

/// Writes keys, each followed by the extra ones that stand after it.
struct Keys<'a, M, X> {
    map: &'a mut M,
    extra: &'a X,
}

impl<M: SerializeMap, X: Extra> Keys<'_, M, X> {
    fn write<V: Serialize + ?Sized>(&mut self, key: &str, value: &V) -> Result<(), M::Error> {
        self.map.serialize_entry(key, value)?;
        self.extra.after(key, self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::ViewRules;

    struct File(&'static str);

    impl Extra for File {
        fn after<M: SerializeMap>(&self, key: &str, map: &mut M) -> Result<(), M::Error> {
            if key == "files" {
                map.serialize_entry("inputs_file", self.0)?;
            }
            Ok(())
        }
    }

    #[derive(Serialize)]
    struct Name(&'static str);

    impl Entry for Name {
        const KEY: &'static str = "names";

        fn status(&self) -> Status {
            Status::Failed
        }

        fn failure(&self) -> (&str, &str, Option<&str>) {
            ("", self.0, None)
        }
    }

    /// Catches a key that is lost, renamed or moved: documents are read by programs, and by eye.
    #[test]
    fn keys_stand_in_order() {
        let heading = Heading {
            schema_version: 3,
            seed: 7,
            settings: 5,
        };
        let selection = Selection::new(vec![], ViewRules::default()).unwrap();
        let mut run = Run::new(heading, &[], &selection, File("x.npy"));
        run.rows.push(Name("w"));
        let text = serde_json::to_string(&run).unwrap();
        let keys = [
            "schema_version",
            "program",
            "seed",
            "settings",
            "selection",
            "files",
            "inputs_file",
            "warnings",
            "complete",
            "names",
        ];
        let places: Vec<usize> = keys
            .iter()
            .map(|key| text.find(&format!("\"{key}\":")).expect(key))
            .collect();
        assert!(places.is_sorted(), "{text}");
        assert!(
            text.ends_with("\"complete\":true,\"names\":[\"w\"]}"),
            "{text}"
        );
        assert_eq!(run.count(Status::Failed), 1);
    }
}
