//! `spectra data`: what data sets there are, and how to get more.

#[cfg(feature = "fetch")]
use super::progress::Bar;
#[cfg(feature = "fetch")]
use super::terminal::say;
use super::terminal::{colours, print};
use crate::data::{DIGITS_TEST, DIGITS_TRAIN, DataError, Found, find, open};
#[cfg(feature = "fetch")]
use crate::data::{FetchSettings, fetch};
use crate::report::{data_table, sample_sheet, to_json};
#[cfg(feature = "fetch")]
use crate::survey::Progress;
use crate::weights::{escape, write_file};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Labelled images: what is there, and fetch more
#[derive(Debug, Args)]
#[command(after_help = "\
Known by name are digits, which is drawn by a generator, and mnist, fashion-mnist, cifar10,
cifar100, stl10 and svhn (as a folder of pictures), which are looked for in FOLDER. Any other set
is known by its path, or by its name in FOLDER: a folder of four IDX files (gzipped or not), of
the binary files of CIFAR-10, CIFAR-100 (with its fine labels) or STL-10, or of PNG and JPEG
files, a subfolder a class; or an .npz file with x and y. Where there is no part for tests, a
sixth of each class is held out.

Examples:
  spectra data --data sets                          what lies in the folder sets
  spectra data fetch mnist --data sets              fetch MNIST into sets/mnist
  spectra data show digits --out digits.png         some samples of each class as a picture")]
pub(super) struct Data {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    folder: DataFolder,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Where data sets lie.
#[derive(Debug, Args)]
pub(super) struct DataFolder {
    /// Folder of data sets (default: $SPECTRA_DATA)
    #[arg(long, value_name = "FOLDER", global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Fetch mnist, fashion-mnist or cifar10 into FOLDER; ended and run again, it goes on
    Fetch {
        /// Which of them
        #[arg(value_name = "NAME")]
        name: String,
        /// Address of a folder to fetch from instead of the known mirrors
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
    },
    /// Write some samples of each class to a picture, a row a class
    Show {
        /// A set's name or path
        #[arg(value_name = "NAME")]
        name: String,
        /// The PNG file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Samples of each class
        #[arg(long, value_name = "N", default_value_t = 20,
              value_parser = clap::value_parser!(u16).range(1..=1000))]
        columns: u16,
    },
}

impl DataFolder {
    /// The folder that is given, else that of the environment.
    pub fn root(&self) -> Option<PathBuf> {
        let environment = || std::env::var_os("SPECTRA_DATA").filter(|value| !value.is_empty());
        self.data
            .clone()
            .or_else(|| environment().map(PathBuf::from))
    }
}

/// What is listed.
#[derive(Serialize)]
struct Listing {
    folder: Option<PathBuf>,
    generated: [Generated; 1],
    found: Vec<Found>,
}

/// A set that is drawn when it is asked for.
#[derive(Serialize)]
struct Generated {
    name: &'static str,
    train: usize,
    test: usize,
    shape: [usize; 3],
}

const DIGITS: Generated = Generated {
    name: "digits",
    train: DIGITS_TRAIN,
    test: DIGITS_TEST,
    shape: [1, 28, 28],
};

impl Data {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let root = self.folder.root();
        match &self.action {
            None => self.list(root)?,
            Some(Action::Fetch { name, mirror }) => {
                let Some(root) = root else {
                    return Err(DataError::NoFolder { name: name.clone() }.into());
                };
                bring(name, &root, mirror.clone())?;
            }
            Some(Action::Show { name, out, columns }) => {
                let set = open(name, root.as_deref())?;
                keep_set(name, root.as_deref(), out)?;
                write_file(out, &sample_sheet(&set, usize::from(*columns))?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn list(&self, root: Option<PathBuf>) -> anyhow::Result<()> {
        let found = root.as_deref().map_or(Ok(Vec::new()), find)?;
        let text = if self.json {
            to_json(&Listing {
                folder: root,
                generated: [DIGITS],
                found,
            })?
        } else {
            let table = data_table(&found, colours(None));
            let folder = match &root {
                None => "No folder of data sets is given: --data FOLDER, or SPECTRA_DATA.".into(),
                Some(root) => format!("Folder: {}", escape(&root.to_string_lossy())),
            };
            format!("{table}\n{folder}\n")
        };
        print(text.as_bytes())?;
        Ok(())
    }
}

#[cfg(not(feature = "fetch"))]
fn bring(name: &str, root: &Path, _mirror: Option<String>) -> anyhow::Result<()> {
    anyhow::bail!(
        "{}: this build cannot fetch, it lacks the feature fetch; put the set's files into {}",
        escape(name),
        escape(&root.join(name).to_string_lossy())
    )
}

#[cfg(feature = "fetch")]
fn bring(name: &str, root: &Path, mirror: Option<String>) -> anyhow::Result<()> {
    let bar = Bar::after("ending, what has arrived is kept");
    let settings = FetchSettings {
        mirror,
        ..FetchSettings::default()
    };
    let fetched = fetch(name, root, &settings, &mut |progress| {
        bar.show(Progress {
            done: progress.done,
            total: progress.total.unwrap_or(0),
            tensor: progress.file,
            detail: "",
        })
    });
    bar.finish();
    say(&format!(
        "{}: {}",
        escape(name),
        escape(&fetched?.to_string_lossy())
    ));
    Ok(())
}

/// Refuses a picture that would replace a file of the set that it shows.
fn keep_set(name: &str, root: Option<&Path>, out: &Path) -> anyhow::Result<()> {
    let Ok(place) = out.canonicalize() else {
        return Ok(());
    };
    let named = [Some(PathBuf::from(name)), root.map(|root| root.join(name))];
    let sets = named.into_iter().flatten();
    let mut sets = sets.filter_map(|set| set.canonicalize().ok());
    anyhow::ensure!(
        !sets.any(|set| place.starts_with(set)),
        "{}: is a file of the set {}; give --out another name",
        escape(&out.to_string_lossy()),
        escape(name)
    );
    Ok(())
}
