//! Sums of generated matrices and inner products with them: no matrix is ever stored.

use super::builder::Lowering;
use super::dispatch::{Binding, Kernel, THREADS, word};
use super::epilogue::Epilogue;
use super::reduce::{Sums, add_up};
use crate::program::{Generated, GeneratedProducts, GeneratedSum, View};
use crate::random::Distribution;
use crate::random::Entries;

const PHILOX: &str = include_str!("philox.wgsl");
const NORMAL: &str = include_str!("normal.wgsl");

/// Entries that a block of signs has, where pieces of work begin.
const BLOCK: usize = 128;

/// Threads that work on one inner product.
const LANES: usize = 8;

/// Parts of one inner product in one piece at most.
const PARTS: usize = 64;

/// Parts of one inner product at most: as many as are added up in one go.
const ALL_PARTS: usize = 1024;

/// Part of a matrix: its own view, and the position of its first entry.
struct Piece {
    view: View,
    first: usize,
}

/// `epilogue` is done with the numbers where `to` is one piece; pieces store theirs.
pub(super) fn sum(
    lowering: &mut Lowering<'_>,
    p: &GeneratedSum,
    to: View,
    keep: f32,
    epilogue: Epilogue,
) {
    let matrices = &p.matrices;
    let (law, extra) = match matrices.law {
        Distribution::Normal => (include_str!("normal_sum.wgsl"), NORMAL),
        Distribution::Sign => (include_str!("sign_sum.wgsl"), ""),
    };
    let frame = include_str!("generated_sum.wgsl");
    let constants = [("THREADS", word(THREADS))];
    let text = format!("{frame}{PHILOX}{extra}{law}");
    let kernel = Kernel::new("sum of generated matrices", &constants, &text);
    let tables = tables(lowering, matrices);
    let pieces = pieces(lowering, to);
    let whole = pieces.len() == 1;
    for Piece { view, first } in pieces {
        let own = if whole {
            epilogue.clone()
        } else {
            Epilogue::store_to(lowering, view, keep)
        };
        let (a, given) = lowering.window(p.coefficients, false);
        let mut parameters = [lowering.places(view), given].concat();
        parameters.extend(key(matrices));
        let sizes = [view.rows, first, view.entries(), matrices.terms];
        parameters.extend(sizes.map(word));
        parameters.push((matrices.scale as f32).to_bits());
        let groups = (first % BLOCK + view.entries()).div_ceil(4 * THREADS);
        let reads = [vec![a], tables.clone()].concat();
        lowering.dispatch(kernel.clone(), reads, parameters, own, [groups, 1]);
    }
}

/// Whether a sum that goes to a view is one piece.
pub(super) fn is_one(lowering: &Lowering<'_>, to: View) -> bool {
    pieces(lowering, to).len() == 1
}

pub(super) fn products(
    lowering: &mut Lowering<'_>,
    p: &GeneratedProducts,
    to: View,
    epilogue: Epilogue,
) {
    let matrices = &p.matrices;
    let (law, extra) = match matrices.law {
        Distribution::Normal => (include_str!("normal_products.wgsl"), NORMAL),
        Distribution::Sign => (include_str!("sign_products.wgsl"), ""),
    };
    let frame = include_str!("generated_products.wgsl");
    let constants = [("THREADS", word(THREADS)), ("LANES", word(LANES))];
    let text = format!("{frame}{PHILOX}{extra}{law}");
    let kernel = Kernel::new("products with generated matrices", &constants, &text);
    let tables = tables(lowering, matrices);
    let all = pieces(lowering, p.d);
    let most = (ALL_PARTS / all.len()).clamp(1, PARTS);
    let pieces: Vec<(Piece, usize, usize)> = all
        .into_iter()
        .map(|piece| {
            let entries = piece.first % BLOCK + piece.view.entries();
            let tiles = entries.div_ceil(BLOCK * LANES);
            let own = tiles.div_ceil(most);
            (piece, own, tiles.div_ceil(own))
        })
        .collect();
    let terms = matrices.terms;
    let parts: usize = pieces.iter().map(|(.., parts)| parts).sum();
    let mut row = 0;
    for (Piece { view, first }, tiles, parts_here) in pieces {
        let (places, own) = match parts {
            1 => (lowering.places(to), epilogue.clone()),
            _ => {
                let partial_sums = lowering.scratch(terms * parts, true);
                ([0, 1, word(terms), 0], Epilogue::scratch(partial_sums))
            }
        };
        let (d, given) = lowering.window(view, false);
        let mut parameters = [given, places].concat();
        parameters.extend(key(matrices));
        let sizes = [view.rows, first, view.entries(), terms, tiles, row];
        parameters.extend(sizes.map(word));
        parameters.push((matrices.scale as f32).to_bits());
        let reads = [vec![d], tables.clone()].concat();
        let groups = terms.div_ceil(THREADS / LANES);
        lowering.dispatch(kernel.clone(), reads, parameters, own, [groups, parts_here]);
        row += parts_here;
    }
    if parts > 1 {
        let sums = Sums {
            from: lowering.scratch(terms * parts, false),
            places: [0, word(terms), 1],
            count: terms,
            length: parts,
        };
        add_up(lowering, &sums, to, epilogue);
    }
}

/// A view in parts that fit a binding: of a packed one runs of entries, else columns.
fn pieces(lowering: &Lowering<'_>, view: View) -> Vec<Piece> {
    let most = lowering.limits.binding - lowering.limits.alignment;
    if view.end() - view.offset <= most {
        return vec![Piece { view, first: 0 }];
    }
    let rows = view.rows;
    let (flat, own, step) = if view.is_packed() {
        (view.reshaped([1, view.entries(), 1]), most, 1)
    } else {
        (view, (most / view.column_stride.max(1)).max(1), rows)
    };
    let starts = (0..flat.columns).step_by(own);
    let piece = |start: usize| {
        let part = flat.column_range(start..flat.columns.min(start + own));
        // one row of neighbours is a column of them
        let view = if step == 1 { part.t() } else { part };
        let first = start * step;
        Piece { view, first }
    };
    starts.map(piece).collect()
}

fn key(matrices: &Generated) -> [u32; 2] {
    Entries::new(matrices.seed, &[]).key()
}

/// The names of the terms and, for normal entries, the quantiles.
fn tables(lowering: &mut Lowering<'_>, matrices: &Generated) -> Vec<Binding> {
    let [what, layer, factor] = matrices.path;
    let name = |k: usize| Entries::new(matrices.seed, &[what, layer, factor, k as u64]).name();
    let names = (0..matrices.terms).flat_map(name).collect();
    let mut tables = vec![lowering.table(names)];
    if matrices.law == Distribution::Normal {
        tables.push(lowering.quantiles());
    }
    tables
}
