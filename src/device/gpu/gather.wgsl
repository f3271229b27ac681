// Sums of listed rows: a thread an entry.

struct Parameters {
    x: vec4<u32>,
    y: vec4<u32>,
    rows: u32,
    columns: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> lists: array<u32>;

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
    var sum = 0.0;
    if (SINGLE == 1u) {
        let row = lists[i];
        if (row != 0xffffffffu) {
            sum = x[at(p.x, row, j)];
        }
    } else {
        let end = p.rows + 1u + lists[i + 1u];
        for (var k = p.rows + 1u + lists[i]; k < end; k++) {
            sum += x[at(p.x, lists[k], j)];
        }
    }
    epilogue(at(p.y, i, j), sum);
}
