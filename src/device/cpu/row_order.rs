//! The rows of patches of images, in the order of the image.

use super::real::Real;
use crate::program::Lists;
use faer::MatRef;

/// Rows of a patch in the order of the pixels.
#[derive(Debug)]
pub(super) struct Order {
    /// Which row is taken at each place.
    rows: Vec<usize>,
    /// At which place each row is taken.
    pub places: Vec<usize>,
}

impl Order {
    /// Takes the order from the first patch with a pixel for each of its `rows`.
    pub fn of(lists: &Lists, rows: usize) -> Option<Order> {
        let patch = |first: usize| (first..first + rows).map(|i| lists.list(i));
        let mut patches = (0..lists.len()).step_by(rows);
        let first = patches.find(|&first| patch(first).all(|list| list.len() == 1))?;
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by_key(|row| lists.list(first + row)[0]);
        let mut places = vec![0; rows];
        order
            .iter()
            .enumerate()
            .for_each(|(place, &row)| places[row] = place);
        Some(Order {
            rows: order,
            places,
        })
    }

    /// The lists of every patch in this order.
    pub fn lists(&self, lists: &Lists) -> Lists {
        let rows = self.rows.len();
        let taken = (0..lists.len()).map(|i| i / rows * rows + self.rows[i % rows]);
        let list = |i: usize| lists.list(i).iter().map(|&source| source as usize);
        Lists::new(lists.sources(), taken.map(list))
    }

    /// The columns of `a` in this order, packed in `workspace`.
    pub fn columns<'a, T: Real>(&self, a: MatRef<'_, T>, workspace: &'a mut [T]) -> MatRef<'a, T> {
        let rows = a.nrows();
        for (column, &from) in workspace.chunks_exact_mut(rows).zip(&self.rows) {
            let a = a.col(from);
            column.iter_mut().enumerate().for_each(|(i, x)| *x = a[i]);
        }
        MatRef::from_column_major_slice(workspace, rows, self.rows.len())
    }

    /// The rows of `a` in this order, packed in `workspace`.
    pub fn rows<'a, T: Real>(&self, a: MatRef<'_, T>, workspace: &'a mut [T]) -> MatRef<'a, T> {
        let rows = self.rows.len();
        for (j, column) in workspace.chunks_exact_mut(rows).enumerate() {
            let a = a.col(j);
            column
                .iter_mut()
                .zip(&self.rows)
                .for_each(|(x, &from)| *x = a[from]);
        }
        MatRef::from_column_major_slice(workspace, rows, a.ncols())
    }
}
