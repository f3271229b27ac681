// Elementwise work: a thread a place, at which all is epilogue.

struct Parameters {
    count: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let place = group(id, count) * THREADS + local;
    if (place < p.count) {
        epilogue(place, 0.0);
    }
}
