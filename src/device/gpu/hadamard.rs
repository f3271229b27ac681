//! The fast Hadamard transform.

use super::builder::Lowering;
use super::dispatch::{Kernel, THREADS, word};
use crate::program::{HadamardTransform, View};

/// Numbers of one workgroup: 8 KiB of the memory that it shares.
const TILE: usize = 2048;

/// Reads and scales what is transformed.
const FROM_X: &str = "
@group(0) @binding(2) var<storage, read> x: array<f32>;
fn given(q: u32) -> f32 {
    return p.scale * x[at(p.x, q % p.rows, q / p.rows)];
}
";

/// Goes on with what an earlier pass left.
const IN_PLACE: &str = "
fn given(q: u32) -> f32 {
    return y[p.first + q];
}
";

/// The target is a fresh buffer, packed: a record sees to that. A pass does the levels that fit into a workgroup.
pub(super) fn lower(lowering: &mut Lowering<'_>, p: &HadamardTransform, to: View) {
    let (n, entries) = (p.x.rows, to.entries());
    let (x, from) = lowering.window(p.x, false);
    let (y, [first, ..]) = lowering.window(to, true);
    let mut step = 1;
    loop {
        let length = (n / step).min(TILE);
        // later passes are spread out in memory: vectors side by side keep it to whole lines
        let length = if step > 1 {
            length.min(TILE / 16)
        } else {
            length
        };
        let beside = match step {
            1 => (TILE / 2 / length).max(1),
            _ => (TILE / length).min(step),
        };
        let constants = [
            ("LENGTH", word(length)),
            ("BESIDE", word(beside)),
            ("THREADS", word(THREADS)),
        ];
        let given = if step == 1 { FROM_X } else { IN_PLACE };
        let text = format!("{}{given}", include_str!("hadamard.wgsl"));
        let kernel = Kernel::new("hadamard", &constants, &text);
        let vectors = entries / length;
        let mut parameters = from.to_vec();
        parameters.extend([first, word(n), word(step), word(vectors)]);
        parameters.push((p.scale as f32).to_bits());
        let bindings = if step == 1 { vec![y, x] } else { vec![y] };
        lowering.start(kernel, bindings, parameters, [vectors.div_ceil(beside), 1]);
        step *= length;
        if step == n {
            return;
        }
    }
}
