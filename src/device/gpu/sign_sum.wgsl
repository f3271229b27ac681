
// The bits of TERMS terms: a thread makes one block of 128, which 32 threads need.
const BLOCKS = 4u * THREADS / 128u;
const TERMS = THREADS / BLOCKS;

var<workgroup> bits: array<vec4<u32>, THREADS>;
var<workgroup> shares: array<f32, TERMS>;

fn four_sums(start: u32, local: u32) -> vec4<f32> {
    var sum = vec4<f32>();
    let own = local / 32u;
    let place = (4u * local) % 128u;
    for (var first = 0u; first < p.terms; first += TERMS) {
        let count = min(TERMS, p.terms - first);
        let term = local / BLOCKS;
        if (term < count) {
            bits[local] = philox(start / 128u + local % BLOCKS, names[first + term], p.key);
        }
        if (local < count) {
            shares[local] = coefficient(first + local);
        }
        workgroupBarrier();
        for (var l = 0u; l < count; l++) {
            let four = bits[l * BLOCKS + own][place / 32u] >> (place % 32u);
            let negative = (vec4<u32>(four) >> vec4<u32>(0u, 1u, 2u, 3u)) & vec4<u32>(1u);
            let share = vec4<f32>(shares[l]);
            sum += select(share, -share, negative == vec4<u32>(1u));
        }
        workgroupBarrier();
    }
    return sum;
}
