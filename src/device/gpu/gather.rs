//! Sums of listed rows.

use super::builder::{Form, Lowering};
use super::dispatch::{Kernel, THREADS, word};
use super::epilogue::Epilogue;
use crate::program::{Gather, Lists, View};

pub(super) fn lower(lowering: &mut Lowering<'_>, p: &Gather, to: View, epilogue: Epilogue) {
    let single = is_single(&p.lists);
    let constants = [("THREADS", word(THREADS)), ("SINGLE", u32::from(single))];
    let kernel = Kernel::new("gather", &constants, include_str!("gather.wgsl"));
    let form = if single { Form::Rows } else { Form::Lists };
    let lists = lowering.lists(&p.lists, form);
    let (x, from) = lowering.window(p.x, false);
    let mut parameters = from.to_vec();
    parameters.extend(lowering.places(to));
    parameters.extend([word(to.rows), word(to.columns)]);
    let groups = to.entries().div_ceil(THREADS);
    lowering.dispatch(kernel, vec![x, lists], parameters, epilogue, [groups, 1]);
}

/// Whether each list is one row or none.
fn is_single(lists: &Lists) -> bool {
    (0..lists.len()).all(|i| lists.list(i).len() <= 1)
}
