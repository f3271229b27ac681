// Sums for devices with subgroups, a workgroup each: threads of a subgroup meet without the shared memory and its
// barriers. The parameters are those of reduce.wgsl, which is its check.

struct Parameters {
    x: vec4<u32>,
    y: vec4<u32>,
    sums: u32,
    length: u32,
    part: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> x: array<f32>;

var<workgroup> partial: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(num_subgroups) subgroups: u32,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    let sum = group(id, count);
    let start = id.z * p.part;
    let end = min(start + p.part, p.length);
    var total = 0.0;
    if (sum < p.sums) {
        for (var k = start + local; k < end; k += LANES) {
            total += x[at(p.x, k, sum)];
        }
    }
    // threads whose loops were shorter come back
    workgroupBarrier();
    let own = subgroupAdd(total);
    if (lane == 0u) {
        partial[subgroup] = own;
    }
    workgroupBarrier();
    if (sum < p.sums && local == 0u) {
        var value = 0.0;
        for (var i = 0u; i < subgroups; i++) {
            value += partial[i];
        }
        epilogue(at(p.y, sum, id.z), value);
    }
}
