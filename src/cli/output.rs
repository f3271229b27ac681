//! Where a result goes.

use crate::weights::{Source, WHOLE_FILE, escape, write_file};
use clap::ValueEnum;
use console::Style;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

/// Form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For reading on a terminal
    Table,
    /// One document with everything
    Json,
    /// One line a layer
    Jsonl,
    /// A table of one row a layer; of sketches one a layer and k
    Csv,
    /// The same as a Parquet file
    Parquet,
}

/// Writes to `path`, whole or not at all, or to standard output.
pub(super) fn deliver(bytes: &[u8], path: Option<&Path>) -> anyhow::Result<()> {
    match path {
        Some(path) => write_file(path, bytes)?,
        None => {
            let mut out = stdout().lock();
            out.write_all(bytes)?;
            out.flush()?;
        }
    }
    Ok(())
}

/// Refuses an output that is one of the inputs.
pub(super) fn keep_inputs(sources: &[Source], output: Option<&Path>) -> anyhow::Result<()> {
    keep_files(sources.iter().map(Source::path), output)
}

/// Refuses an output that is one of these files.
pub(super) fn keep_files<'a>(
    mut files: impl Iterator<Item = &'a Path>,
    output: Option<&Path>,
) -> anyhow::Result<()> {
    let Some(output) = output.and_then(|path| path.canonicalize().ok()) else {
        return Ok(());
    };
    anyhow::ensure!(
        !files.any(|file| file.canonicalize().is_ok_and(|path| path == output)),
        "{}: is an input; give --output another name",
        escape(&output.to_string_lossy())
    );
    Ok(())
}

/// Whether standard output is a terminal that wants colours.
pub(super) fn colours(path: Option<&Path>) -> bool {
    coloured(path.is_none() && stdout().is_terminal())
}

/// Says on stderr what needs no attention, dim on a terminal that wants colours.
pub(super) fn note(text: &str) {
    let dim = Style::new().dim().force_styling(true);
    match coloured(stderr().is_terminal()) {
        true => eprintln!("{}", dim.apply_to(text)),
        false => eprintln!("{text}"),
    }
}

fn coloured(terminal: bool) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    terminal && !refused
}

/// Refuses a report folder that cannot be one, or whose files may replace an input, before any work.
pub(super) fn keep_from_report<'a>(
    mut files: impl Iterator<Item = &'a Path>,
    folder: Option<&Path>,
) -> anyhow::Result<()> {
    let Some(folder) = folder else {
        return Ok(());
    };
    let shown = escape(&folder.to_string_lossy());
    anyhow::ensure!(
        !folder.exists() || folder.is_dir(),
        "{shown}: is a file; give --report a folder"
    );
    let Ok(inside) = folder.canonicalize() else {
        return Ok(());
    };
    let written = |file: &Path| {
        let named = ["index.html", "report.json"]
            .iter()
            .any(|name| file.ends_with(name));
        let extension = file.extension().and_then(|extension| extension.to_str());
        named || matches!(extension, Some("parquet" | "svg" | "png"))
    };
    let replaced = |file: &&'a Path| {
        let file = file.canonicalize().ok();
        file.is_some_and(|file| file.parent() == Some(&*inside) && written(&file))
    };
    if let Some(file) = files.find(replaced) {
        anyhow::bail!(
            "{}: is an input whose name the report in {shown} may take; give --report another folder",
            escape(&file.to_string_lossy())
        );
    }
    Ok(())
}

/// Failures that are named one by one.
const NAMED: usize = 10;

/// Says on stderr which rows failed, each a file, a name and the reason, and how many more there are; how
/// many in all.
pub(super) fn name_failures<'a>(
    failed: impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)>,
) -> usize {
    let mut count = 0;
    for (file, name, reason) in failed {
        count += 1;
        if count <= NAMED {
            let reason = reason.unwrap_or("failed");
            match name {
                WHOLE_FILE => eprintln!("spectra: {file}: {reason}"),
                _ => eprintln!("spectra: {file}: {name}: {reason}"),
            }
        }
    }
    if count > NAMED {
        eprintln!("spectra: and {} more", count - NAMED);
    }
    count
}

/// 0 where nothing failed or that is no matter, else 2.
pub(super) fn ended(failed: usize, keep_going: bool) -> ExitCode {
    match failed == 0 || keep_going {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    }
}
