// Normal entries: each word's quantile between two knots, as on the processor to the last bit. The table has the
// knots, then how much lower the next one is, in units of 2^-20.

fn drawn(word: u32) -> f32 {
    let odd = word | 1u;
    let octave = firstLeadingBit(odd);
    let fraction_bits = odd << (31u - octave);
    let knot = (octave << 6u) | ((fraction_bits >> 25u) & 63u);
    let fraction = i32((fraction_bits >> 9u) & 0xffffu);
    let down = (i32(quantiles[2048u + knot]) * fraction) >> 16u;
    let size = i32(quantiles[knot]) - down;
    return f32(select(size, -size, (word & 1u) == 1u)) * 9.5367431640625e-7;
}

// Entry `index % 4` of four that one block gives.
fn entries(index: u32, name: vec2<u32>) -> vec4<f32> {
    let words = philox(index, name, p.key);
    return vec4<f32>(drawn(words.x), drawn(words.y), drawn(words.z), drawn(words.w));
}
