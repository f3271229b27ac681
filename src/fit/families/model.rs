//! Whole files: every tensor of every file becomes a row, a stack of matrices a row for each.

use super::comparison::BATCH;
use super::result::SCHEMA_VERSION;
use super::{Compared, FamilyComparison, FamilyKind, FamilySettings, compare_families};
use super::{FamilyFindings, FamilyLayer};
use crate::family::dct;
use crate::survey::{Assessment, Heading, Matrix, Meter, Progress, Survey, survey};
use crate::weights::{Gap, Selection, Source};

/// Copies of a matrix that its fits hold at once, for each thread.
const COPIES: usize = 6;

/// Compares the families on every tensor of `sources` that `selection` names, one at a time.
///
/// `progress` is called as fits end, from any thread; when it returns `false` the run ends before the
/// next matrix.
pub fn compare_family_sources(
    sources: &[Source],
    selection: &Selection,
    settings: &FamilySettings,
    progress: impl FnMut(Progress<'_>) -> bool + Send,
) -> FamilyComparison {
    survey(Families { settings }, sources, selection, progress)
}

struct Families<'a> {
    settings: &'a FamilySettings,
}

impl Survey for Families<'_> {
    type Settings = FamilySettings;
    type Finding = FamilyFindings;
    type Extra = ();
    type Prepared<'m> = ();

    fn heading(&self) -> Heading<FamilySettings> {
        Heading {
            schema_version: SCHEMA_VERSION,
            seed: self.settings.seed,
            settings: self.settings.clone(),
        }
    }

    fn prepare<'m>(&self, tensors: &[Matrix<'m>]) -> Vec<Result<(), Gap>> {
        let room = |tensor: &Matrix<'m>| {
            let view = tensor.entries.view;
            workspace(view.rows * view.columns)
        };
        tensors.iter().map(room).collect()
    }

    fn assess(
        &mut self,
        matrix: &Matrix<'_>,
        (): &(),
        meter: &Meter<'_>,
    ) -> Assessment<FamilyFindings> {
        let w = matrix.values();
        let Compared {
            families,
            findings,
            left_out,
        } = compare_families(w, self.settings, |share| meter.show(share));
        Assessment {
            finding: Ok(FamilyFindings {
                rows: Some(w.nrows()),
                columns: Some(w.ncols()),
                families,
                findings,
                left_out,
            }),
            notes: no_images(w.ncols(), self.settings).into_iter().collect(),
        }
    }

    fn conclude(self, _: &mut [FamilyLayer]) {}
}

/// Says when the images asked for are none of a matrix's.
fn no_images(columns: usize, settings: &FamilySettings) -> Option<String> {
    let image = settings.image?;
    let meant = settings.families.contains(&FamilyKind::DCT) && !dct::fits(columns, image);
    let [height, width] = image;
    meant.then(|| {
        format!("rows of {columns} are no {height}x{width} images: the DCT is that of the matrix")
    })
}

/// Checks that there is memory for fits side by side.
fn workspace(entries: usize) -> Result<(), Gap> {
    let copies = 1 + BATCH + COPIES * rayon::current_num_threads();
    let bytes = copies
        .saturating_mul(entries)
        .saturating_mul(size_of::<f64>());
    let mut memory: Vec<u8> = Vec::new();
    memory.try_reserve_exact(bytes).map_err(|_| {
        Gap::failed(format!(
            "its fits need some {bytes} bytes of memory, more than is free"
        ))
    })
}
