// Levels of the fast Hadamard transform: BESIDE vectors a workgroup, of LENGTH entries each that lie `step`
// apart, in the memory that the workgroup shares.

struct Parameters {
    x: vec4<u32>,
    first: u32,         // of y, which lies packed
    rows: u32,
    step: u32,
    vectors: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

var<workgroup> tile: array<f32, LENGTH * BESIDE>;

// The place in y of entry k of a vector.
fn place(vector: u32, k: u32) -> u32 {
    let outer = vector / p.step;
    let inner = vector - outer * p.step;
    return (outer * LENGTH + k) * p.step + inner;
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let start = group(id, count) * BESIDE;
    for (var t = local; t < LENGTH * BESIDE; t += THREADS) {
        // neighbouring threads take neighbouring vectors, or entries where there is one vector
        let vector = start + t % BESIDE;
        if (vector < p.vectors) {
            tile[t] = given(place(vector, t / BESIDE));
        }
    }
    for (var half = 1u; half < LENGTH; half *= 2u) {
        workgroupBarrier();
        for (var t = local; t < LENGTH * BESIDE / 2u; t += THREADS) {
            let beside = t % BESIDE;
            let pair = t / BESIDE;
            let low = (2u * pair - pair % half) * BESIDE + beside;
            let high = low + half * BESIDE;
            let a = tile[low];
            let b = tile[high];
            tile[low] = a + b;
            tile[high] = a - b;
        }
    }
    workgroupBarrier();
    for (var t = local; t < LENGTH * BESIDE; t += THREADS) {
        let vector = start + t % BESIDE;
        if (vector < p.vectors) {
            y[p.first + place(vector, t / BESIDE)] = tile[t];
        }
    }
}
