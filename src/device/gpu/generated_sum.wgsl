// Sums of generated matrices: a thread works out four entries one below the other.

struct Parameters {
    y: vec4<u32>,
    coefficients: vec4<u32>,
    key: vec2<u32>,
    rows: u32,
    first: u32,         // position of the first entry in each matrix
    count: u32,
    terms: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> coefficients: array<f32>;
@group(0) @binding(2) var<storage, read> names: array<vec2<u32>>;

fn coefficient(term: u32) -> f32 {
    return p.scale * coefficients[p.coefficients.x + term * p.coefficients.y];
}

fn put(position: u32, value: f32) {
    let entry = position - p.first;
    if (position >= p.first && entry < p.count) {
        let j = entry / p.rows;
        epilogue(at(p.y, entry - j * p.rows, j), value);
    }
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    // groups begin where blocks of signs do
    let start = p.first / 128u * 128u + group(id, count) * 4u * THREADS;
    let sum = four_sums(start, local);
    for (var i = 0u; i < 4u; i++) {
        put(start + 4u * local + i, sum[i]);
    }
}
