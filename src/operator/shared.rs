//! Matrices whose entries are parameters shared by a table.

use crate::program::{Gather, Gemm, Lists, Record, View};
use std::sync::Arc;

/// Adds `A X` with `A[i, j] = p[table(i, j)]`: the table makes A, then one product.
pub(super) fn emit_shared(
    record: &mut Record,
    table: impl Fn(usize, usize) -> usize,
    parameters: View,
    x: View,
    y: View,
) {
    let (m, n) = (y.rows, x.rows);
    let entries = (0..n).flat_map(|j| (0..m).map(move |i| (i, j)));
    let table = entries.map(|(i, j)| Some(table(i, j)));
    let lists = Lists::from_table(parameters.rows, table);
    let a = record.push(Gather::new(Arc::new(lists), parameters));
    record.add(y, Gemm::new(1.0, a.reshaped([m, n, 1]), x));
}
