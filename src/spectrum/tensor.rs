//! From a tensor's entries to a layer in memory.

use super::{BlockSource, LayerMatrix, Settings};
use crate::survey::Normalised;
use crate::weights::MatrixView;

/// The layer of these entries: the stack that their view makes of them, or a matrix with its blocks.
pub(super) fn matrix<'a>(
    entries: &'a Normalised<'_>,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> LayerMatrix<'a> {
    let view = entries.view;
    if view.blocks > 1 {
        if settings.blocks.is_some_and(|b| b != view.blocks) {
            notes.push(format!(
                "stored as {} blocks, whatever number was asked for",
                view.blocks
            ));
        }
        return LayerMatrix::stack((0..view.blocks).map(|i| entries.block(i)).collect());
    }
    let whole = entries.block(0);
    match LayerMatrix::split(whole, settings.blocks, settings.block_share) {
        Ok(layer) => {
            if matches!(layer.source, BlockSource::Share | BlockSource::Given) {
                let outside = 100.0 * (1.0 - layer.share);
                let outside = if outside < 5e-4 {
                    "less than 0.001".to_string()
                } else {
                    format!("{outside:.3}")
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
pub(super) fn workspace(view: &MatrixView) -> Result<(), String> {
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
            _ => "; one thread takes less",
        };
        format!(
            "its singular values need {matrix} bytes of memory and {products} for matrix products, more than is \
             free{way_out}"
        )
    })
}
