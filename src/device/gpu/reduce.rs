//! Sums of rows and of columns.

use super::builder::Lowering;
use super::dispatch::{Binding, Kernel, THREADS, word};
use super::epilogue::Epilogue;
use crate::program::{Axis, Reduce, View};

/// Numbers that one thread of a part adds up, about.
const EACH: usize = 64;

/// Parts of one sum at most.
const PARTS: usize = 256;

/// Sums of equally spaced numbers of a binding.
pub(super) struct Sums {
    pub from: Binding,
    /// Place of the first number, distance of the numbers of one sum, and of sums.
    pub places: [u32; 3],
    pub count: usize,
    pub length: usize,
}

pub(super) fn lower(lowering: &mut Lowering<'_>, p: &Reduce, to: View, epilogue: Epilogue) {
    let (x, to) = match p.over {
        Axis::Rows => (p.x, to.t()),
        Axis::Columns => (p.x.t(), to),
    };
    let (from, [first, own, next, _]) = lowering.window(x, false);
    let sums = Sums {
        from,
        places: [first, own, next],
        count: x.columns,
        length: x.rows,
    };
    add_up(lowering, &sums, to, epilogue);
}

/// Has `epilogue` done with sums that go to a column. Long sums of which there are few go by parts.
pub(super) fn add_up(lowering: &mut Lowering<'_>, sums: &Sums, to: View, epilogue: Epilogue) {
    let Sums { count, length, .. } = *sums;
    // a long sum gives every thread of the device something to do only in parts
    let wanted = length.div_ceil(EACH * lanes(sums));
    let parts = wanted
        .min((PARTS * THREADS).div_ceil(count))
        .clamp(1, PARTS);
    let part = length.div_ceil(parts);
    let parts = length.div_ceil(part);
    let places = lowering.places(to);
    if parts == 1 {
        return dispatch(lowering, sums, [part, 1], places, epilogue);
    }
    let partial_sums = lowering.scratch(count * parts, true);
    let rows = [0, 1, word(count), 0];
    dispatch(
        lowering,
        sums,
        [part, parts],
        rows,
        Epilogue::scratch(partial_sums),
    );
    let partial = Sums {
        from: lowering.scratch(count * parts, false),
        places: [0, word(count), 1],
        count,
        length: parts,
    };
    dispatch(lowering, &partial, [parts, 1], places, epilogue);
}

/// Threads that work on one sum.
fn lanes(sums: &Sums) -> usize {
    let most = if is_along(sums) { THREADS } else { 16 };
    sums.length.next_power_of_two().clamp(1, most)
}

/// Whether the numbers of one sum are neighbours.
fn is_along(sums: &Sums) -> bool {
    let [_, own, next] = sums.places;
    own <= next || sums.count == 1
}

fn dispatch(
    lowering: &mut Lowering<'_>,
    sums: &Sums,
    [part, parts]: [usize; 2],
    places: [u32; 4],
    epilogue: Epilogue,
) {
    let lanes = lanes(sums);
    let outputs = THREADS / lanes;
    let constants = [
        ("OUTPUTS", word(outputs)),
        ("LANES", word(lanes)),
        ("ALONG", u32::from(is_along(sums))),
    ];
    let file = if outputs == 1 && lowering.limits.subgroups {
        include_str!("reduce_subgroups.wgsl")
    } else {
        include_str!("reduce.wgsl")
    };
    let kernel = Kernel::new("sum", &constants, file);
    let [first, own, next] = sums.places;
    let mut parameters = vec![first, own, next, 0];
    parameters.extend(places);
    parameters.extend([sums.count, sums.length, part].map(word));
    let groups = sums.count.div_ceil(outputs);
    lowering.dispatch(
        kernel,
        vec![sums.from],
        parameters,
        epilogue,
        [groups, parts],
    );
}
