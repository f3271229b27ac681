//! Instructions whose operands are larger than a machine's largest binding, in parts.

use crate::program::{
    AdamStep, Axis, CrossEntropy, CrossEntropyGradient, Descent, Fill, Gather, Gemm,
    HadamardTransform, Instruction, Lists, Map, Maximum, MaximumGradient, Primitive, Reduce,
    TrigonometricTransform, View, Zip,
};
use std::ops::Range;
use std::sync::Arc;

/// Matrices of one batch at most: the layers of a grid.
const LAYERS: usize = 65_535;

/// The parts of `instructions`, in order, none of which sees more than `most` numbers of any view; an instruction
/// that has no such parts is the error. Sums and products with generated matrices stay whole: they have parts of
/// their own.
pub(super) fn split(
    instructions: &[Instruction],
    most: usize,
) -> Result<Vec<Instruction>, Box<Instruction>> {
    let mut parts = Vec::new();
    let mut left: Vec<Instruction> = instructions.iter().rev().cloned().collect();
    while let Some(instruction) = left.pop() {
        let Instruction { primitive, to, .. } = &instruction;
        let operands = primitive.rule().operands();
        let large = operands
            .iter()
            .chain([to])
            .any(|view| is_large(*view, most));
        let whole = matches!(
            primitive,
            Primitive::GeneratedSum(_) | Primitive::GeneratedProducts(_)
        );
        if whole || !(large || to.batch > LAYERS) {
            parts.push(instruction);
            continue;
        }
        let Some([first, second]) = halves(&instruction, most) else {
            return Err(Box::new(instruction));
        };
        left.extend([second, first]);
    }
    Ok(parts)
}

/// Numbers from the first entry to the last.
fn span(view: View) -> usize {
    view.end() - view.offset
}

fn is_large(view: View, most: usize) -> bool {
    span(view) > most
}

fn both(count: usize) -> [Range<usize>; 2] {
    [0..count / 2, count / 2..count]
}

/// The two halves of an instruction.
fn halves(instruction: &Instruction, most: usize) -> Option<[Instruction; 2]> {
    let Instruction { to, keep, .. } = instruction;
    let primitive = &instruction.primitive;
    let part = |primitive: Primitive, to: View| Instruction {
        primitive,
        to,
        keep: *keep,
    };
    if let Primitive::Gemm(p) = primitive {
        return of_product(p, *to, *keep, most);
    }
    if let Primitive::Reduce(p) = primitive {
        return of_sum(p, *to, *keep, most);
    }
    if to.columns > 1 {
        return Some(both(to.columns).map(|range| {
            let own = columns(primitive, range.clone());
            part(own, to.column_range(range))
        }));
    }
    if let Primitive::Gather(p) = primitive
        && (to.rows == 1 || is_large(p.x, most))
    {
        return of_sources(p, *to, *keep);
    }
    if to.rows == 1 {
        return None;
    }
    let [low, high] = both(to.rows);
    let low = part(rows(primitive, low.clone())?, to.row_range(low));
    let high = part(rows(primitive, high.clone())?, to.row_range(high));
    Some([low, high])
}

/// Sums of listed rows of the first half of an operand, and those of the second added to them.
fn of_sources(p: &Gather, to: View, keep: f64) -> Option<[Instruction; 2]> {
    let part = |range: Range<usize>, keep: f64| {
        let own = |row: &u32| (*row as usize).checked_sub(range.start);
        let inside = |row: &usize| *row < range.len();
        let each = (0..p.lists.len()).map(|i| p.lists.list(i));
        let lists = each.map(|list| list.iter().filter_map(own).filter(inside));
        let lists = Arc::new(Lists::new(range.len(), lists));
        Instruction {
            primitive: Gather::new(lists, p.x.row_range(range)).into(),
            to,
            keep,
        }
    };
    let [low, high] = both(p.x.rows);
    (p.x.rows > 1).then(|| [part(low, keep), part(high, 1.0)])
}

/// A sum over what is left halves what it runs over, and adds the second half to the first.
fn of_sum(p: &Reduce, to: View, keep: f64, most: usize) -> Option<[Instruction; 2]> {
    let Reduce { x, over } = *p;
    let (x, to) = match over {
        Axis::Columns => (x, to),
        Axis::Rows => (x.t(), to.t()),
    };
    let sum = |x: View, to: View, keep: f64| {
        let (x, to) = match over {
            Axis::Columns => (x, to),
            Axis::Rows => (x.t(), to.t()),
        };
        Instruction {
            primitive: Reduce::new(over, x).into(),
            to,
            keep,
        }
    };
    if x.rows > 1 && (x.columns == 1 || span(x.row_range(0..1)) <= most && x.row_stride > 1) {
        return Some(both(x.rows).map(|r| sum(x.row_range(r.clone()), to.row_range(r), keep)));
    }
    let [low, high] = both(x.columns);
    (x.columns > 1).then(|| {
        [
            sum(x.column_range(low), to, keep),
            sum(x.column_range(high), to, 1.0),
        ]
    })
}

/// A product by its batch, by the longer side of its largest operand, or by its inner side.
fn of_product(p: &Gemm, to: View, keep: f64, most: usize) -> Option<[Instruction; 2]> {
    let Gemm { alpha, a, b } = *p;
    let product = |a: View, b: View, to: View, keep: f64| Instruction {
        primitive: Gemm::new(alpha, a, b).into(),
        to,
        keep,
    };
    if to.batch > 1 {
        let matrices = |view: View, range: &Range<usize>| View {
            offset: view.offset + range.start * view.batch_stride,
            batch: range.len(),
            ..view
        };
        return Some(
            both(to.batch)
                .map(|r| product(matrices(a, &r), matrices(b, &r), matrices(to, &r), keep)),
        );
    }
    let by_rows = is_large(a, most) || is_large(to, most);
    let by_columns = is_large(b, most) || is_large(to, most);
    // halving a side makes views smaller only where that side is not the contiguous one
    let outer = |view: View, rows: bool| {
        let stride = if rows {
            view.row_stride
        } else {
            view.column_stride
        };
        stride > 1 || span(view) <= most
    };
    let [low, high] = both(a.columns);
    if by_columns && to.columns > 1 && outer(b, false) && outer(to, false) {
        return Some(
            both(to.columns)
                .map(|r| product(a, b.column_range(r.clone()), to.column_range(r), keep)),
        );
    }
    if by_rows && to.rows > 1 && outer(a, true) && outer(to, true) {
        return Some(
            both(to.rows).map(|r| product(a.row_range(r.clone()), b, to.row_range(r), keep)),
        );
    }
    if a.columns > 1 {
        return Some([
            product(a.column_range(low.clone()), b.row_range(low), to, keep),
            product(a.column_range(high.clone()), b.row_range(high), to, 1.0),
        ]);
    }
    None
}

/// The columns of `range` of a result.
fn columns(primitive: &Primitive, range: Range<usize>) -> Primitive {
    let cut = |view: View| view.column_range(range.clone());
    let sources = |p: CrossEntropy| CrossEntropy::new(cut(p.scores), cut(p.classes));
    match primitive {
        Primitive::Map(p) => Map::new(p.function, cut(p.x)).into(),
        Primitive::Zip(p) => Zip::new(p.combination, cut(p.x), cut(p.z)).into(),
        Primitive::Fill(p) => Fill {
            columns: range.len(),
            ..*p
        }
        .into(),
        Primitive::Descent(p) => {
            Descent::new(cut(p.gradient), cut(p.weight), p.rate, p.decay).into()
        }
        Primitive::AdamStep(p) => AdamStep::new(cut(p.m), cut(p.v), p.settings).into(),
        Primitive::Gather(p) => Gather::new(Arc::clone(&p.lists), cut(p.x)).into(),
        Primitive::Maximum(p) => Maximum::new(Arc::clone(&p.lists), cut(p.x)).into(),
        Primitive::MaximumGradient(p) => MaximumGradient {
            x: cut(p.x),
            dy: cut(p.dy),
            ..p.clone()
        }
        .into(),
        Primitive::CrossEntropy(p) => sources(*p).into(),
        Primitive::CrossEntropyGradient(p) => CrossEntropyGradient {
            of: sources(p.of),
            dy: cut(p.dy),
        }
        .into(),
        Primitive::Hadamard(p) => HadamardTransform::new(p.scale, cut(p.x)).into(),
        Primitive::Trigonometric(p) => TrigonometricTransform { x: cut(p.x), ..*p }.into(),
        Primitive::Gemm(_)
        | Primitive::Reduce(_)
        | Primitive::GeneratedSum(_)
        | Primitive::GeneratedProducts(_) => unreachable!("has parts of its own"),
    }
}

/// The rows of `range` of a result, where they come from the same rows of the operands.
fn rows(primitive: &Primitive, range: Range<usize>) -> Option<Primitive> {
    let cut = |view: View| view.row_range(range.clone());
    Some(match primitive {
        Primitive::Map(p) => Map::new(p.function, cut(p.x)).into(),
        Primitive::Zip(p) => Zip::new(p.combination, cut(p.x), cut(p.z)).into(),
        Primitive::Fill(p) => Fill {
            rows: range.len(),
            ..*p
        }
        .into(),
        Primitive::Descent(p) => {
            Descent::new(cut(p.gradient), cut(p.weight), p.rate, p.decay).into()
        }
        Primitive::AdamStep(p) => AdamStep::new(cut(p.m), cut(p.v), p.settings).into(),
        Primitive::Gather(p) => {
            let list = |i: usize| p.lists.list(i).iter().map(|&row| row as usize);
            let lists = Lists::new(p.x.rows, range.clone().map(list));
            Gather::new(Arc::new(lists), p.x).into()
        }
        _ => return None,
    })
}
