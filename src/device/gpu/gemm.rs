//! Matrix products.

use super::builder::Lowering;
use super::dispatch::{Kernel, word};
use super::epilogue::Epilogue;
use super::reduce::{Sums, add_up};
use crate::program::{Gemm, View};
use std::fmt::Write;

/// Entries that a workgroup works out, and how many of them a thread.
#[derive(Debug, Clone, Copy)]
struct Tile {
    /// Rows, columns, and the length along the inner side.
    sides: [usize; 3],
    /// Rows and columns of a thread.
    each: [usize; 2],
    /// The share of its peak that a thread reaches, about: larger tiles read less.
    worth: f64,
}

/// From the largest to the thinnest.
const TILES: [Tile; 5] = [
    Tile::new([128, 128, 8], [8, 8], 1.0),
    Tile::new([64, 64, 16], [4, 4], 0.6),
    Tile::new([32, 32, 16], [4, 4], 0.5),
    Tile::new([16, 128, 16], [4, 8], 0.45),
    Tile::new([128, 16, 16], [8, 4], 0.45),
];

/// Workgroups that keep a device busy.
const BUSY: usize = 128;

/// Least inner side of a partial product.
const DEPTH: usize = 128;

/// Partial products at most.
const PARTS: usize = 64;

/// How a product is cut: by its shape alone.
struct Cut {
    tile: Tile,
    /// Length of a part of the inner side.
    part: usize,
}

impl Tile {
    const fn new(sides: [usize; 3], each: [usize; 2], worth: f64) -> Tile {
        Tile { sides, each, worth }
    }

    fn groups(&self, m: usize, n: usize) -> usize {
        m.div_ceil(self.sides[0]) * n.div_ceil(self.sides[1])
    }

    /// The inner side of a part, where so many parts keep the device busy and may be.
    fn part(&self, [m, n, k, batch]: [usize; 4], divisible: bool) -> usize {
        let wanted = BUSY / (self.groups(m, n) * batch);
        let most = if divisible { PARTS.min(k / DEPTH) } else { 1 };
        k.div_ceil(wanted.clamp(1, most.max(1)))
            .next_multiple_of(self.sides[2])
    }
}

impl Cut {
    fn new(shape: [usize; 4], divisible: bool) -> Cut {
        let [m, n, k, batch] = shape;
        let time = |tile: &Tile| {
            let part = tile.part(shape, divisible);
            let groups = tile.groups(m, n) * batch * k.div_ceil(part);
            let work = tile.sides[0] as f64 * tile.sides[1] as f64 / tile.worth;
            // a device that is not full takes as long as a full one
            groups.max(BUSY) as f64 * work * part as f64
        };
        let times = TILES.iter().map(|tile| (tile, time(tile)));
        let best = times.min_by(|a, b| a.1.total_cmp(&b.1));
        let tile = *best.expect("there are tiles").0;
        Cut {
            tile,
            part: tile.part(shape, divisible),
        }
    }
}

pub(super) fn lower(lowering: &mut Lowering<'_>, p: &Gemm, to: View, epilogue: Epilogue) {
    let (m, n, k) = (p.a.rows, p.b.columns, p.a.columns);
    let divisible = to.is_packed() && to.batch == 1;
    let Cut { tile, part } = Cut::new([m, n, k, to.batch], divisible);
    let parts = k.div_ceil(part);
    let (a, from_a) = lowering.window(p.a, false);
    let (b, from_b) = lowering.window(p.b, false);
    let places = match parts {
        1 => lowering.places(to),
        _ => [0, 1, word(m), 0],
    };
    let along = |view: View, inner: usize, outer: usize| {
        u32::from(inner == 1 && !(outer == 1 && view.rows == 1))
    };
    let constants = [
        ("TILE_M", word(tile.sides[0])),
        ("TILE_N", word(tile.sides[1])),
        ("TILE_K", word(tile.sides[2])),
        ("EACH_M", word(tile.each[0])),
        ("EACH_N", word(tile.each[1])),
        ("ALONG_A", along(p.a, p.a.column_stride, p.a.row_stride)),
        ("ALONG_B", along(p.b, p.b.row_stride, p.b.column_stride)),
    ];
    let kernel = Kernel::new("product", &constants, &text(tile));
    let mut parameters = [from_a, from_b, places].concat();
    parameters.extend([word(part), word(parts), word(m * n), 0]);
    parameters.extend([m, n, k].map(word));
    parameters.push((p.alpha as f32).to_bits());
    let grid = [tile.groups(m, n), to.batch * parts];
    if parts == 1 {
        return lowering.dispatch(kernel, vec![a, b], parameters, epilogue, grid);
    }
    let partial = Epilogue::scratch(lowering.scratch(m * n * parts, true));
    lowering.dispatch(kernel, vec![a, b], parameters, partial, grid);
    let sums = Sums {
        from: lowering.scratch(m * n * parts, false),
        places: [0, word(m * n), 1],
        count: m * n,
        length: parts,
    };
    add_up(lowering, &sums, to.reshaped([m * n, 1, 1]), epilogue);
}

/// The kernel with all that a thread does written out.
fn text(tile: Tile) -> String {
    let Tile {
        sides: [m, n, k],
        each: [rows, columns],
        ..
    } = tile;
    let threads = m / rows * (n / columns);
    // four numbers each
    let loads = [("a", m * k / 4 / threads), ("b", n * k / 4 / threads)];
    let lines = |write: &dyn Fn(&mut String)| {
        let mut lines = String::new();
        write(&mut lines);
        lines
    };
    let quads = || (0..columns).flat_map(|j| (0..rows / 4).map(move |i| (i, j)));
    let each_load = || {
        let of = |(name, count): (&'static str, usize)| (0..count).map(move |t| (name, t));
        loads.into_iter().flat_map(of)
    };
    let place = |t: usize| format!("local + {}u", t * threads);
    let load = |name: &str, t: usize, start: &str| {
        let first = if name == "a" { "first_m" } else { "first_n" };
        format!(
            "load_{name}({}, {first}, {start}, end, from_{name})",
            place(t)
        )
    };
    let accumulators = lines(&|out| {
        for (i, j) in quads() {
            writeln!(out, "    var sum_{i}_{j} = vec4<f32>();").expect("a string");
        }
    });
    let first = lines(&|out| {
        for (name, t) in each_load() {
            let load = load(name, t, "start");
            writeln!(out, "    var {name}_{t} = {load};").expect("a string");
        }
    });
    let stores = lines(&|out| {
        for (name, t) in each_load() {
            let place = place(t);
            writeln!(out, "        store_{name}({place}, {name}_{t});").expect("a string");
        }
    });
    let next = lines(&|out| {
        for (name, t) in each_load() {
            let load = load(name, t, "next");
            writeln!(out, "        {name}_{t} = {load};").expect("a string");
        }
    });
    let products = lines(&|out| {
        let vectors = [("a", rows, m / rows), ("b", columns, n / columns)];
        for (name, count, threads) in vectors {
            for i in 0..count / 4 {
                let at = i * threads;
                writeln!(
                    out,
                    "            let own_{name}_{i} = tile_{name}[line_{name} + {at}u];"
                )
                .expect("a string");
            }
        }
        for (i, j) in quads() {
            let (of, lane) = (j / 4, j % 4);
            writeln!(
                out,
                "            sum_{i}_{j} = fma(own_a_{i}, vec4<f32>(own_b_{of}[{lane}]), sum_{i}_{j});"
            )
            .expect("a string");
        }
    });
    let results = lines(&|out| {
        for (i, j) in quads() {
            let row = 4 * i * (m / rows);
            let column = 4 * (j / 4) * (n / columns) + j % 4;
            for lane in 0..4 {
                let row = row + lane;
                writeln!(
                    out,
                    "    put(i + {row}u, j + {column}u, to, sum_{i}_{j}[{lane}]);"
                )
                .expect("a string");
            }
        }
    });
    let written = [
        ("accumulators", accumulators),
        ("first loads", first),
        ("stores", stores),
        ("next loads", next),
        ("products", products),
        ("results", results),
    ];
    let frame = include_str!("gemm.wgsl").to_owned();
    written.iter().fold(frame, |text, (mark, lines)| {
        text.replace(&format!("<<{mark}>>\n"), lines)
    })
}
