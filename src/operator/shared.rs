//! Matrices whose entries are parameters shared by a table.

use crate::program::{Gather, Gemm, Lists, Record, View};
use std::sync::Arc;

/// Which of the parameters each entry of a `rows × columns` matrix is, column by column.
pub(super) fn table(
    rows: usize,
    columns: usize,
    parameters: usize,
    mut place: impl FnMut(usize, usize) -> usize,
) -> Arc<Lists> {
    let entries = (0..columns).flat_map(|j| (0..rows).map(move |i| (i, j)));
    let table = entries.map(|(i, j)| Some(place(i, j)));
    Arc::new(Lists::from_table(parameters, table))
}

/// Adds `A X`: the table makes A, then one product.
pub(super) fn emit_shared(
    record: &mut Record,
    table: &Arc<Lists>,
    parameters: View,
    x: View,
    y: View,
) {
    let a = record.push(Gather::new(Arc::clone(table), parameters));
    record.add(y, Gemm::new(1.0, a.reshaped([y.rows, x.rows, 1]), x));
}
