//! A family with every term transposed.

use super::{Basis, Gram};
use faer::{Mat, MatRef};
use std::ops::Range;

/// The terms Mₖᵀ.
#[derive(Debug)]
pub struct Transposed<'a>(pub &'a dyn Basis);

impl Basis for Transposed<'_> {
    fn shape(&self) -> (usize, usize) {
        let (rows, columns) = self.0.shape();
        (columns, rows)
    }

    fn terms(&self) -> usize {
        self.0.terms()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        let (height, width) = (rows.len(), columns.len());
        let mut tile = vec![0.0; height * width];
        self.0.tile(term, columns, rows, &mut tile);
        for (i, row) in tile.chunks_exact(width.max(1)).enumerate() {
            for (j, x) in row.iter().enumerate() {
                out[j * height + i] = *x;
            }
        }
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        self.0.combine(a).transpose().to_owned()
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        self.0.correlate(g.transpose())
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.0.adjoint_products(right)
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.0.products(right)
    }

    fn products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        self.0.adjoint_products_single(right)
    }

    fn adjoint_products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        self.0.products_single(right)
    }

    /// ⟨Mₖᵀ, Mₗᵀ⟩ = ⟨Mₖ, Mₗ⟩.
    fn gram(&self) -> Gram {
        match self.0.gram() {
            Gram::RowWise { orthonormal, .. } => {
                if orthonormal {
                    Gram::Orthonormal
                } else {
                    Gram::Unknown
                }
            }
            known => known,
        }
    }
}
