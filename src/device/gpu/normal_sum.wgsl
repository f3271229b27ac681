
@group(0) @binding(3) var<storage, read> quantiles: array<u32>;

fn four_sums(start: u32, local: u32) -> vec4<f32> {
    var sum = vec4<f32>();
    for (var term = 0u; term < p.terms; term++) {
        let drawn = entries(start / 4u + local, names[term]);
        sum = fma(vec4<f32>(coefficient(term)), drawn, sum);
    }
    return sum;
}
