// Cross-entropy of a softmax, and its gradient: a workgroup a sample, whose threads share the scores.

struct Parameters {
    x: vec4<u32>,
    classes: vec4<u32>,
    y: vec4<u32>,
    dy: vec4<u32>,
    rows: u32,
    columns: u32,
    none: u32,          // the bits of what is no number
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> classes: array<f32>;

var<workgroup> shared_numbers: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    // a workgroup beyond the last sample works on the last again, and puts nothing: all threads meet at the barriers
    let sample = group(id, count);
    let j = min(sample, p.columns - 1u);
    var largest = x[at(p.x, 0u, j)];
    for (var i = local; i < p.rows; i += THREADS) {
        largest = max(largest, x[at(p.x, i, j)]);
    }
    shared_numbers[local] = largest;
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (local < half) {
            shared_numbers[local] = max(shared_numbers[local], shared_numbers[local + half]);
        }
    }
    workgroupBarrier();
    largest = shared_numbers[0];
    workgroupBarrier();
    var total = 0.0;
    for (var i = local; i < p.rows; i += THREADS) {
        total += exponential(x[at(p.x, i, j)] - largest);
    }
    shared_numbers[local] = total;
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (local < half) {
            shared_numbers[local] += shared_numbers[local + half];
        }
    }
    workgroupBarrier();
    total = shared_numbers[0];

    let class_number = classes[at(p.classes, 0u, j)];
    let known = class_number >= 0.0 && class_number < f32(p.rows) && floor(class_number) == class_number;
    let own = min(select(0u, u32(class_number), known), p.rows - 1u);
    if (sample >= p.columns) {
        return;
    }
    if (GRADIENT == 1u) {
        for (var i = local; i < p.rows; i += THREADS) {
            let probability = exponential(x[at(p.x, i, j)] - largest) / total;
            let slope = (probability - select(0.0, 1.0, i == own)) * gained(j);
            epilogue(at(p.y, i, j), select(bitcast<f32>(p.none), slope, known));
        }
    } else if (local == 0u) {
        let loss = logarithm(total) - (x[at(p.x, own, j)] - largest);
        epilogue(at(p.y, 0u, j), select(bitcast<f32>(p.none), loss, known));
    }
}
