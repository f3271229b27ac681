// Sums: OUTPUTS sums a workgroup, each by LANES threads that go over what it sums in steps of LANES, then
// meet in a fixed order. What is long is cut into parts, each with a row of partial sums of its own.

struct Parameters {
    x: vec4<u32>,       // first, distance of what is summed, distance of sums
    y: vec4<u32>,       // first, distance of sums, distance of parts
    sums: u32,
    length: u32,
    part: u32,          // length of a part
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> x: array<f32>;

var<workgroup> partial: array<f32, OUTPUTS * LANES>;

@compute @workgroup_size(OUTPUTS * LANES)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    // neighbouring threads read neighbouring numbers
    var sum_here = local % OUTPUTS;
    var lane = local / OUTPUTS;
    if (ALONG == 1u) {
        sum_here = local / LANES;
        lane = local % LANES;
    }
    let sum = group(id, count) * OUTPUTS + sum_here;
    let start = id.z * p.part;
    let end = min(start + p.part, p.length);
    var total = 0.0;
    if (sum < p.sums) {
        for (var k = start + lane; k < end; k += LANES) {
            total += x[at(p.x, k, sum)];
        }
    }
    let place = sum_here * LANES + lane;
    partial[place] = total;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane < half) {
            partial[place] += partial[place + half];
        }
    }
    if (sum < p.sums && lane == 0u) {
        epilogue(at(p.y, sum, id.z), partial[place]);
    }
}
