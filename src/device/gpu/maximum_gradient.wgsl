// Gradients of the largest of listed rows: a thread a row takes those of the lists in which it is the first of
// the largest.

struct Parameters {
    x: vec4<u32>,
    dy: vec4<u32>,
    dx: vec4<u32>,
    rows: u32,
    columns: u32,
    lists: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> lists: array<u32>;
@group(0) @binding(4) var<storage, read> places: array<u32>;

fn winner(list: u32, j: u32) -> u32 {
    let start = p.lists + 1u + lists[list];
    let end = p.lists + 1u + lists[list + 1u];
    var best = lists[start];
    var largest = x[at(p.x, best, j)];
    if (is_none(largest)) {
        return best;
    }
    for (var k = start + 1u; k < end; k++) {
        let other = x[at(p.x, lists[k], j)];
        if (other > largest) {
            best = lists[k];
            largest = other;
        }
    }
    return best;
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
    let end = p.rows + 1u + places[i + 1u];
    var sum = 0.0;
    var before = 0xffffffffu;
    for (var k = p.rows + 1u + places[i]; k < end; k++) {
        let list = places[k];
        // a row that a list has twice counts once
        if (list != before && winner(list, j) == i) {
            sum += dy[at(p.dy, list, j)];
        }
        before = list;
    }
    epilogue(at(p.dx, i, j), sum);
}
