// Inner products with generated matrices: TERMS of them a workgroup, each by LANES threads. The other matrix
// passes through the memory that they share; of each tile a thread takes 128 entries, a block of signs.

struct Parameters {
    d: vec4<u32>,
    y: vec4<u32>,       // first, distance of terms, distance of parts
    key: vec2<u32>,
    rows: u32,
    first: u32,         // position of the first entry in each matrix
    count: u32,
    terms: u32,
    tiles: u32,         // of a part
    row: u32,           // number of the first part
    scale: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> d: array<f32>;
@group(0) @binding(2) var<storage, read> names: array<vec2<u32>>;

const OWN = 128u;
const TILE = OWN * LANES;
const LINE = OWN + 1u;
const TERMS = THREADS / LANES;

var<workgroup> tile: array<f32, LINE * LANES>;
var<workgroup> partial: array<f32, THREADS>;

fn entry(position: u32) -> f32 {
    let own = position - p.first;
    if (position < p.first || own >= p.count) {
        return 0.0;
    }
    let j = own / p.rows;
    return d[at(p.d, own - j * p.rows, j)];
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let term = group(id, count) * TERMS + local / LANES;
    let lane = local % LANES;
    let name = names[min(term, p.terms - 1u)];
    let begin = p.first / OWN * OWN;
    var sum = 0.0;
    for (var t = 0u; t < p.tiles; t++) {
        let start = begin + (id.z * p.tiles + t) * TILE;
        workgroupBarrier();
        for (var i = local; i < TILE; i += THREADS) {
            tile[i / OWN * LINE + i % OWN] = entry(start + i);
        }
        workgroupBarrier();
        sum += own_product(start + lane * OWN, lane * LINE, name);
    }
    partial[local] = sum;
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane < half) {
            partial[local] += partial[local + half];
        }
    }
    if (lane == 0u && term < p.terms) {
        epilogue(at(p.y, term, p.row + id.z), p.scale * partial[local]);
    }
}
