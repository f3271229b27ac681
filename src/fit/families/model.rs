//! Whole files: every tensor of every file becomes a row, a stack of matrices a row for each.

use super::comparison::BATCH;
use super::result::SCHEMA_VERSION;
use super::{FamilyComparison, FamilyKind, FamilyLayer, FamilySettings, compare_families, dct};
use crate::weights::{Chosen, FileIdentity, Gap, Selection, Source, Status};

/// Copies of a matrix that its fits hold at once, for each thread.
const COPIES: usize = 6;

/// Which part of the work is at hand.
#[derive(Debug, Clone, Copy)]
pub struct FamilyProgress<'a> {
    /// Entries of the matrices fitted, those of one in parts, and of all.
    pub done: u64,
    /// Entries of all matrices.
    pub total: u64,
    /// The tensor at hand.
    pub tensor: &'a str,
}

/// Compares the families on every tensor of `sources` that `selection` names, one at a time.
///
/// `progress` is called as fits end, from any thread; when it returns `false` the run ends before the
/// next tensor.
pub fn compare_family_sources(
    sources: &[Source],
    selection: &Selection,
    settings: &FamilySettings,
    progress: impl Fn(FamilyProgress<'_>) -> bool + Sync,
) -> FamilyComparison {
    let chosen = Chosen::all(sources, selection);
    let total = chosen.iter().map(Chosen::entries).sum();
    let mut done = 0;
    let mut layers = Vec::new();
    let mut complete = true;
    for tensor in &chosen {
        let name = tensor.name();
        let show = |done| {
            progress(FamilyProgress {
                done,
                total,
                tensor: &name,
            })
        };
        if !show(done) {
            complete = false;
            break;
        }
        let entries = tensor.entries();
        layers.extend(rows(tensor, settings, |part| {
            show(done + (part * entries as f64) as u64);
        }));
        done += entries;
    }
    FamilyComparison {
        schema_version: SCHEMA_VERSION,
        program: format!("spectra {}", env!("CARGO_PKG_VERSION")),
        seed: settings.seed,
        settings: settings.clone(),
        selection: selection.clone(),
        files: sources.iter().map(FileIdentity::of).collect(),
        warnings: sources
            .iter()
            .flat_map(|source| source.warnings().iter().cloned())
            .collect(),
        complete,
        layers,
    }
}

fn rows(
    tensor: &Chosen<'_>,
    settings: &FamilySettings,
    progress: impl Fn(f64) + Sync,
) -> Vec<FamilyLayer> {
    let (data, view) = match tensor.read() {
        Ok(read) => read,
        Err(Gap { status, reason }) => return vec![row(tensor, status, Some(reason))],
    };
    if let Err(bytes) = workspace(view.rows * view.columns) {
        let reason = format!("its fits need some {bytes} bytes of memory, more than is free");
        return vec![row(tensor, Status::Failed, Some(reason))];
    }
    (0..view.blocks)
        .map(|block| {
            let matrix = view.block(&data, block);
            let found = compare_families(matrix, settings, |part| {
                progress((block as f64 + part) / view.blocks as f64);
            });
            let mut layer = row(tensor, Status::Analyzed, None);
            layer.notes.extend(no_images(view.columns, settings));
            if view.blocks > 1 {
                layer.name = format!("{}[{block}]", layer.name);
            }
            FamilyLayer {
                rows: Some(view.rows),
                columns: Some(view.columns),
                families: found.families,
                findings: found.findings,
                left_out: found.left_out,
                ..layer
            }
        })
        .collect()
}

/// Says when the images asked for are none of a matrix's.
fn no_images(columns: usize, settings: &FamilySettings) -> Option<String> {
    let image = settings.image?;
    let meant = settings.families.contains(&FamilyKind::Dct) && !dct::fits(columns, image);
    let [height, width] = image;
    meant.then(|| {
        format!("rows of {columns} are no {height}x{width} images: the DCT is that of the matrix")
    })
}

/// The tensor's row, without fits.
fn row(tensor: &Chosen<'_>, status: Status, reason: Option<String>) -> FamilyLayer {
    let info = tensor.info();
    FamilyLayer {
        name: tensor.name(),
        file: tensor.file(),
        status,
        reason,
        dtype: info.dtype.to_string(),
        shape: info.shape.clone(),
        view: tensor.view().map(|view| view.rule.clone()),
        notes: info.notes.clone(),
        rows: None,
        columns: None,
        families: Vec::new(),
        findings: Vec::new(),
        left_out: Vec::new(),
    }
}

/// Whether there is memory for fits side by side; the bytes where there is not.
fn workspace(entries: usize) -> Result<(), usize> {
    let copies = 1 + BATCH + COPIES * rayon::current_num_threads();
    let bytes = copies
        .saturating_mul(entries)
        .saturating_mul(size_of::<f64>());
    let mut memory: Vec<u8> = Vec::new();
    memory.try_reserve_exact(bytes).map_err(|_| bytes)
}
