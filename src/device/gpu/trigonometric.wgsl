// Sums with cosines and sines from a table: a thread an entry.

struct Parameters {
    x: vec4<u32>,
    y: vec4<u32>,
    rows: u32,
    columns: u32,
    given: u32,         // rows of x
    order: u32,
    size: f32,          // of a row of cosines but the first
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<u32>;

// The sum of the rows first..end of column j with entries of the table: at `place` for the first, `step` on for each other,
// around the part that begins at `part`.
fn along(j: u32, first: u32, end: u32, place: u32, step: u32, part: u32) -> f32 {
    var sum = 0.0;
    var here = place;
    for (var i = first; i < end; i++) {
        sum += bitcast<f32>(table[part + here]) * x[at(p.x, i, j)];
        here += step;
        if (here >= PERIOD) {
            here -= PERIOD;
        }
    }
    return sum;
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = group(id, count) * THREADS + local;
    if (index >= p.rows * p.columns) {
        return;
    }
    let j = index / p.rows;
    let i = index - j * p.rows;
    let half = p.order / 2u;
    var sum = 0.0;
    if (COSINES == 1u && TRANSPOSED == 0u) {
        sum = along(j, 0u, p.given, i, 2u * i, 0u) * p.size;
        if (i == 0u) {
            sum *= 0.70710678118654752;
        }
    } else if (COSINES == 1u) {
        let step = 2u * i + 1u;
        sum = along(j, 1u, p.given, step, step, 0u) * p.size;
        sum += x[at(p.x, 0u, j)] * (p.size * 0.70710678118654752);
    } else if (TRANSPOSED == 0u) {
        if (i <= half) {
            sum = along(j, 0u, p.given, 0u, i, 0u);
        } else {
            sum = along(j, 0u, p.given, 0u, i - half, PERIOD);
        }
    } else {
        sum = along(j, 0u, half + 1u, 0u, i, 0u);
        sum += along(j, half + 1u, p.given, i % PERIOD, i, PERIOD);
    }
    epilogue(at(p.y, i, j), sum);
}
