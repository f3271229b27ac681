// C = alpha A B by tiles: a workgroup works out TILE_M x TILE_N entries, each thread rows and columns in groups of
// four, while tiles of A and B pass through the memory that the workgroup shares. What stands between << and >> is
// written out for the sizes of the tile: compilers keep an array in registers only where no index is computed.

struct Parameters {
    a: vec4<u32>,
    b: vec4<u32>,
    c: vec4<u32>,
    part: vec4<u32>,    // length of a part of the inner side, number of parts, distance of their results
    m: u32,
    n: u32,
    k: u32,
    alpha: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

const THREADS_M = TILE_M / EACH_M;
const THREADS_N = TILE_N / EACH_N;
const THREADS = THREADS_M * THREADS_N;
// four rows in one entry; one more a line, so that lines begin in other banks
const LINE_A = TILE_M / 4u + 1u;
const LINE_B = TILE_N / 4u + 1u;

var<workgroup> tile_a: array<vec4<f32>, LINE_A * TILE_K>;
var<workgroup> tile_b: array<vec4<f32>, LINE_B * TILE_K>;

// Where load `t` of a tile of so many rows lies: four rows, and the place along the inner side.
fn load_place(t: u32, rows: u32, along: u32) -> vec2<u32> {
    if (along == 1u) {
        return vec2<u32>(t / TILE_K, t % TILE_K);
    }
    return vec2<u32>(t % (rows / 4u), t / (rows / 4u));
}

fn entry_a(i: u32, k: u32, end: u32, base: u32) -> f32 {
    if (i < p.m && k < end) {
        return a[base + i * p.a.y + k * p.a.z];
    }
    return 0.0;
}

fn entry_b(j: u32, k: u32, end: u32, base: u32) -> f32 {
    if (j < p.n && k < end) {
        return b[base + k * p.b.y + j * p.b.z];
    }
    return 0.0;
}

// A thread takes whole vectors: where threads write single components of one, they may overwrite each other's.
fn load_a(t: u32, first: u32, start: u32, end: u32, base: u32) -> vec4<f32> {
    let place = load_place(t, TILE_M, ALONG_A);
    let i = first + 4u * place.x;
    let k = start + place.y;
    return vec4<f32>(
        entry_a(i, k, end, base),
        entry_a(i + 1u, k, end, base),
        entry_a(i + 2u, k, end, base),
        entry_a(i + 3u, k, end, base),
    );
}

fn load_b(t: u32, first: u32, start: u32, end: u32, base: u32) -> vec4<f32> {
    let place = load_place(t, TILE_N, ALONG_B);
    let j = first + 4u * place.x;
    let k = start + place.y;
    return vec4<f32>(
        entry_b(j, k, end, base),
        entry_b(j + 1u, k, end, base),
        entry_b(j + 2u, k, end, base),
        entry_b(j + 3u, k, end, base),
    );
}

fn store_a(t: u32, x: vec4<f32>) {
    let place = load_place(t, TILE_M, ALONG_A);
    tile_a[place.y * LINE_A + place.x] = x;
}

fn store_b(t: u32, x: vec4<f32>) {
    let place = load_place(t, TILE_N, ALONG_B);
    tile_b[place.y * LINE_B + place.x] = x;
}

fn put(i: u32, j: u32, base: u32, value: f32) {
    if (i < p.m && j < p.n) {
        epilogue(base + i * p.c.y + j * p.c.z, p.alpha * value);
    }
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let tiles_m = (p.m + TILE_M - 1u) / TILE_M;
    let tile = group(id, count);
    let first_m = (tile % tiles_m) * TILE_M;
    let first_n = (tile / tiles_m) * TILE_N;
    let matrix = id.z / p.part.y;
    let part = id.z % p.part.y;
    let from_a = p.a.x + matrix * p.a.w;
    let from_b = p.b.x + matrix * p.b.w;
    let to = p.c.x + matrix * p.c.w + part * p.part.z;
    let start = part * p.part.x;
    let end = min(p.k, start + p.part.x);
    let thread_m = local % THREADS_M;
    let thread_n = local / THREADS_M;

<<accumulators>>
<<first loads>>
    for (var k = start; k < end; k += TILE_K) {
<<stores>>
        workgroupBarrier();
        // what comes next is on its way while this is worked on
        let next = k + TILE_K;
<<next loads>>
        for (var l = 0u; l < TILE_K; l++) {
            let line_a = l * LINE_A + thread_m;
            let line_b = l * LINE_B + thread_n;
<<products>>
        }
        workgroupBarrier();
    }
    let i = first_m + 4u * thread_m;
    let j = first_n + 4u * thread_n;
<<results>>
}
