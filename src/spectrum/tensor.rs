//! From a tensor in a file to a layer in memory, or to the reason why there is none.

use super::{BlockSource, Layer, LayerMatrix, Role, Settings};
use crate::weights::{Chosen, MatrixView, Status, normalise};

/// Reads the entries and brings them into a safe range.
pub(super) fn read<'a>(tensor: &'a Chosen<'_>) -> Read<'a> {
    let (mut data, view) = match tensor.read() {
        Ok(read) => read,
        Err((status, reason)) => return Read::Not(status, reason),
    };
    if let Err(reason) = workspace(view) {
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
fn workspace(view: &MatrixView) -> Result<(), String> {
    const PANEL: usize = 128;
    const PRODUCTS: usize = 64 << 20;
    let entries = 2 * view.rows * view.columns + PANEL * (view.rows + view.columns);
    let matrix = entries.saturating_mul(size_of::<f64>());
    let threads = rayon::current_num_threads();
    let products = PRODUCTS * (2 * threads + 1);
    let mut memory: Vec<u8> = Vec::new();
    let reserved = memory.try_reserve_exact(matrix.saturating_add(products));
    reserved.map_err(|_| {
        let way_out = match threads {
            1 => "",
            _ => "; --threads 1 takes less",
        };
        format!(
            "its singular values need {matrix} bytes of memory and {products} for matrix products, more than is \
             free{way_out}"
        )
    })
}
