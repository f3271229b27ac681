//! From a tensor in a file to a layer in memory, or to the reason why there is none.

use super::{BlockSource, Layer, LayerMatrix, Role, Settings};
use crate::weights::{Chosen, MatrixView, Status, normalise};

/// Reads the entries and brings them into a safe range.
pub(super) fn read<'a>(tensor: &'a Chosen<'_>) -> Read<'a> {
    let (mut data, view) = match tensor.read() {
        Ok(read) => read,
        Err((status, reason)) => return Read::Not(status, reason),
    };
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

/// The tensor's row, without a spectrum, its role and depth still to be read from its name.
pub(super) fn row(
    tensor: &Chosen<'_>,
    status: Status,
    reason: Option<String>,
    notes: Vec<String>,
) -> Layer {
    let info = tensor.info();
    Layer {
        name: tensor.name(),
        file: tensor.file(),
        status,
        reason,
        dtype: info.dtype.to_string(),
        shape: info.shape.clone(),
        view: tensor.view().map(|view| view.rule.clone()),
        notes,
        role: Role::Other,
        depth: None,
        spectrum: None,
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
            if matches!(layer.source, BlockSource::Share | BlockSource::Given) {
                let outside = 100.0 * (1.0 - layer.share);
                let outside = match outside < 5e-4 {
                    true => "less than 0.001".to_string(),
                    false => format!("{outside:.3}"),
                };
                notes.push(format!(
                    "{outside} % of Σ w² outside the blocks is left out"
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
