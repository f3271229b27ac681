//! The binary files of CIFAR-10 and CIFAR-100: records of labels and 3 · 32 · 32 bytes, red, green, then blue (Krizhevsky
//! 2009, "Learning multiple layers of features from tiny images"). A record of CIFAR-10 begins with its label, one of
//! CIFAR-100 with the coarse label and then the fine one. The fine labels are read, the coarse ones are not.

use super::dataset::{Dataset, Pixels, Samples};
use super::error::DataError;
use super::file::{self, name_of, record};
use super::origin::{FileRecord, Format, Origin, Split};
use super::{class_names, known};
use std::path::{Path, PathBuf};

/// Channels, height, width.
pub(super) const SHAPE: [usize; 3] = [3, 32, 32];
const PIXELS: usize = 3 * 32 * 32;
/// Number of the coarse labels of CIFAR-100.
const COARSE: usize = 20;

/// One of the two sets: its files and their records.
#[derive(Debug)]
pub(super) struct Cifar {
    pub(super) format: Format,
    /// The name by which it is known.
    name: &'static str,
    /// Bytes before the pixels of a record; the last is the label.
    labels: usize,
    classes: usize,
    train: &'static [&'static str],
    test: &'static [&'static str],
    /// The file of the classes' names.
    names: &'static str,
    /// The folder of the archive that holds the files.
    subfolder: &'static str,
}

static CIFAR10: Cifar = Cifar {
    format: Format::Cifar,
    name: "cifar10",
    labels: 1,
    classes: 10,
    train: &[
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
    ],
    test: &["test_batch.bin"],
    names: "batches.meta.txt",
    subfolder: "cifar-10-batches-bin",
};

static CIFAR100: Cifar = Cifar {
    format: Format::Cifar100,
    name: "cifar100",
    labels: 2,
    classes: 100,
    train: &["train.bin"],
    test: &["test.bin"],
    names: "fine_label_names.txt",
    subfolder: "cifar-100-binary",
};

/// Returns the set whose files are in the folder or in its subfolder, and where; `None` when there are none.
pub(super) fn locate(folder: &Path) -> Option<(&'static Cifar, PathBuf)> {
    let sets = [&CIFAR10, &CIFAR100].into_iter();
    let mut places = sets.flat_map(|set| {
        let inner = folder.join(set.subfolder);
        [(set, folder.to_path_buf()), (set, inner)]
    });
    places.find(|(set, folder)| set.is_in(folder))
}

/// Whether a folder holds the files that Python pickled instead.
pub(super) fn is_pickled(folder: &Path) -> bool {
    let holds = |names: &[&str]| names.iter().all(|name| folder.join(name).is_file());
    holds(&["data_batch_1", "test_batch"]) || holds(&["train", "test", "meta"])
}

impl Cifar {
    /// Whether a file of the set is in the folder. The names of CIFAR-100's files are anybody's: they need the list of class
    /// names beside them, or the length and the first labels of records.
    fn is_in(&self, folder: &Path) -> bool {
        let files = self.train.iter().chain(self.test);
        let mut there = files.map(|name| folder.join(name)).filter(|p| p.is_file());
        match self.format {
            Format::Cifar100 if !folder.join(self.names).is_file() => {
                there.any(|path| self.begins_as_record(&path))
            }
            _ => there.next().is_some(),
        }
    }

    fn begins_as_record(&self, path: &Path) -> bool {
        let is_records = |(_, length): (_, u64)| length > 0 && length % self.record() == 0;
        let is_labels =
            |head: Vec<u8>| head.len() == self.labels && self.wrong_label(&head).is_none();
        file::open(path).is_ok_and(is_records)
            && file::head(path, self.labels as u64).is_ok_and(is_labels)
    }

    /// Bytes of a record.
    fn record(&self) -> u64 {
        (self.labels + PIXELS) as u64
    }

    /// Returns the label of a record that begins so which is of no class: its kind, itself and the number of classes.
    fn wrong_label(&self, record: &[u8]) -> Option<(&'static str, u8, usize)> {
        let labels = match record[..self.labels] {
            [coarse, fine] => vec![
                ("coarse label", coarse, COARSE),
                ("fine label", fine, self.classes),
            ],
            _ => vec![("label", record[0], self.classes)],
        };
        let mut labels = labels.into_iter();
        labels.find(|&(_, label, classes)| usize::from(label) >= classes)
    }

    /// Images in each part and bytes of the files, from their lengths.
    pub(super) fn survey(&self, folder: &Path) -> Result<([usize; 2], u64), DataError> {
        let count = |names: &[&str]| {
            let counts = names.iter().map(|name| self.count(&folder.join(name)));
            counts.sum::<Result<usize, DataError>>()
        };
        let counts = [count(self.train)?, count(self.test)?];
        Ok((counts, (counts[0] + counts[1]) as u64 * self.record()))
    }

    /// Reads the set.
    ///
    /// Memory: the images and the labels, and one file beside them.
    pub(super) fn open(&self, folder: &Path) -> Result<Dataset, DataError> {
        let mut records = Vec::new();
        let train = self.part(folder, self.train, &mut records)?;
        let test = self.part(folder, self.test, &mut records)?;
        let known = known::by_name(self.name);
        Ok(Dataset {
            name: known.map_or_else(|| name_of(folder), |set| set.name.to_owned()),
            train,
            test,
            classes: self.classes,
            class_names: class_names::read(&folder.join(self.names), self.format, self.classes)?
                .or_else(|| known.map(known::Known::class_names))
                .unwrap_or_default(),
            origin: Origin::Files {
                format: self.format,
                files: records,
                split: Split::Given,
            },
        })
    }

    fn part(
        &self,
        folder: &Path,
        names: &[&str],
        records: &mut Vec<FileRecord>,
    ) -> Result<Samples, DataError> {
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
        let counts = paths.iter().map(|path| self.count(path));
        let total: usize = counts.sum::<Result<usize, DataError>>()?;
        let mut pixels = Vec::new();
        let bytes = total as u64 * PIXELS as u64;
        let reserved =
            usize::try_from(bytes).is_ok_and(|bytes| pixels.try_reserve_exact(bytes).is_ok());
        if !reserved {
            return Err(DataError::Memory {
                path: folder.to_path_buf(),
                bytes,
            });
        }
        let mut labels = Vec::new();
        for path in &paths {
            let batch = file::whole(path, self.format)?;
            for (index, image) in batch.chunks_exact(self.record() as usize).enumerate() {
                if let Some((kind, label, classes)) = self.wrong_label(image) {
                    let problem = format!(
                        "{kind} {label} of image {index} is of no class (0 to {}); the file is damaged",
                        classes - 1
                    );
                    let error = DataError::malformed(path, self.format, problem);
                    return Err(error.at(index as u64 * self.record()));
                }
                labels.push(u16::from(image[self.labels - 1]));
                pixels.extend_from_slice(&image[self.labels..]);
            }
            records.push(record(name_of(path), &[&batch]));
        }
        Ok(Samples {
            shape: SHAPE,
            pixels: Pixels::Bytes(pixels),
            labels,
        })
    }

    /// Images in a file, from its length.
    fn count(&self, path: &Path) -> Result<usize, DataError> {
        if !path.exists() {
            let folder = path.parent().unwrap_or(path);
            let train = match self.train {
                [first, .., last] => format!("{first}, … {last}"),
                all => all.concat(),
            };
            let problem = format!(
                "lacks {}; a set is {train} and {}",
                name_of(path),
                self.test.concat()
            );
            return Err(DataError::malformed(folder, self.format, problem));
        }
        let (_, length) = file::open(path)?;
        let record = self.record();
        if length == 0 || length % record != 0 {
            let problem = format!(
                "has {length} bytes, which is no number of records of {record}; the file is cut short, \
                 or no batch"
            );
            return Err(DataError::malformed(path, self.format, problem));
        }
        usize::try_from(length / record).map_err(|_| DataError::Memory {
            path: path.to_path_buf(),
            bytes: length,
        })
    }
}
