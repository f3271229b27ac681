//! From a tensor in a file to a layer in memory, or to the reason why there is none.

use super::{Layer, LayerMatrix, Selection, Settings, Status, normalise};
use crate::weights::{MatrixView, NonFinite, Source, Tensor, TensorInfo, escape, matrix_view};

/// A tensor that is wanted, with its view or the reason why it has none.
pub(super) struct Planned<'a> {
    source: &'a Source,
    index: usize,
    view: Result<MatrixView, String>,
}

impl<'a> Planned<'a> {
    /// Tensor `index` of `source`.
    pub fn new(source: &'a Source, index: usize, selection: &Selection) -> Planned<'a> {
        let info = &source.tensors()[index];
        let view = match &info.alias_of {
            Some(other) => Err(format!("the same numbers as {}", escape(other))),
            None => matrix_view(&info.shape, &selection.rules()),
        };
        Planned {
            source,
            index,
            view,
        }
    }

    /// What the file's header says of it.
    pub fn info(&self) -> &'a TensorInfo {
        &self.source.tensors()[self.index]
    }

    /// Why the tensor is left out, when it is.
    pub fn reason(&self) -> Option<String> {
        match &self.view {
            Err(reason) => Some(reason.clone()),
            Ok(_) => self.info().unreadable.clone(),
        }
    }

    /// Entries of the matrix, 0 without one.
    pub fn entries(&self) -> u64 {
        self.view
            .as_ref()
            .map_or(0, |view| (view.blocks * view.rows * view.columns) as u64)
    }

    /// Reads the entries and checks them.
    pub fn read(&self) -> Read<'_> {
        let view = match (&self.view, self.reason()) {
            (Ok(view), None) => view,
            (_, reason) => return Read::Not(Status::Skipped, reason.unwrap_or_default()),
        };
        let Tensor { mut data, shape } = match self.source.read(self.index) {
            Ok(tensor) => tensor,
            Err(error) => return Read::Not(Status::Failed, error.to_string()),
        };
        if let Some(bad) = NonFinite::find(&data) {
            return Read::Not(Status::Failed, non_finite(bad, &shape));
        }
        if let Err(bytes) = workspace(view) {
            let reason =
                format!("its singular values need some {bytes} bytes of memory, more than is free");
            return Read::Not(Status::Failed, reason);
        }
        let exponent = normalise(&mut data);
        Read::Entries {
            data,
            view,
            exponent,
        }
    }

    /// The tensor's row, without a spectrum.
    pub fn row(&self, status: Status, reason: Option<String>, notes: Vec<String>) -> Layer {
        let info = self.info();
        Layer {
            name: escape(&info.name),
            file: escape(&self.source.path().to_string_lossy()),
            status,
            reason,
            dtype: info.dtype.to_string(),
            shape: info.shape.clone(),
            view: self.view.as_ref().ok().map(|view| view.rule.clone()),
            notes,
            spectrum: None,
        }
    }
}

/// What reading a tensor gave.
pub(super) enum Read<'a> {
    Not(Status, String),
    Entries {
        data: Vec<f64>,
        view: &'a MatrixView,
        exponent: i32,
    },
}

/// The layer in `data`: the stack that the view makes of it, or a matrix with its blocks.
pub(super) fn matrix<'a>(
    data: &'a [f64],
    view: &MatrixView,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> LayerMatrix<'a> {
    if view.blocks > 1 {
        if settings.blocks.is_some_and(|b| b != view.blocks) {
            notes.push(format!(
                "stored as {} blocks, whatever --blocks says",
                view.blocks
            ));
        }
        return LayerMatrix::stack((0..view.blocks).map(|i| view.block(data, i)).collect());
    }
    let whole = view.block(data, 0);
    match LayerMatrix::split(whole, settings.blocks, settings.block_share) {
        Ok(layer) => {
            if layer.share < 1.0 {
                let outside = 100.0 * (1.0 - layer.share);
                notes.push(format!(
                    "{outside:.3} % of Σ w² outside the blocks is left out"
                ));
            }
            layer
        }
        Err(reason) => {
            notes.push(format!("{reason}; analysed whole"));
            LayerMatrix::stack(vec![whole])
        }
    }
}

fn non_finite(bad: NonFinite, shape: &[usize]) -> String {
    let mut index = Vec::new();
    let mut rest = bad.first;
    for dimension in shape.iter().rev() {
        index.push(rest % dimension);
        rest /= dimension;
    }
    index.reverse();
    let entries = match bad.count {
        1 => "1 entry is".to_string(),
        count => format!("{count} entries are"),
    };
    format!("{entries} NaN or infinite, the first at {index:?}")
}

/// Whether there is memory for the decomposition of the largest block: two copies of it, some
/// panels, and what each thread's matrix products and allocator take. Asking first turns an abort in the midst
/// into a row with a reason.
fn workspace(view: &MatrixView) -> Result<(), usize> {
    const PANEL: usize = 128;
    const PRODUCTS: usize = (64 << 20) / size_of::<f64>();
    let entries = 2 * view.rows * view.columns
        + PANEL * (view.rows + view.columns)
        + PRODUCTS * (2 * rayon::current_num_threads() + 1);
    let mut memory: Vec<f64> = Vec::new();
    memory
        .try_reserve_exact(entries)
        .map_err(|_| entries * size_of::<f64>())
}
