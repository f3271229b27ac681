// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011), the same words as on the processor.

// The upper and the lower half of a product.
fn wide_product(a: u32, b: u32) -> vec2<u32> {
    let a0 = a & 0xffffu;
    let a1 = a >> 16u;
    let b0 = b & 0xffffu;
    let b1 = b >> 16u;
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 16u);
    let other = a0 * b1 + (middle & 0xffffu);
    return vec2<u32>(a1 * b1 + (middle >> 16u) + (other >> 16u), a * b);
}

// The four words that the key makes of block `index` of a sequence.
fn philox(index: u32, name: vec2<u32>, key: vec2<u32>) -> vec4<u32> {
    var c = vec4<u32>(index, 0u, name.x, name.y);
    var k = key;
    for (var round = 0u; round < 10u; round++) {
        let low = wide_product(0xD2511F53u, c.x);
        let high = wide_product(0xCD9E8D57u, c.z);
        c = vec4<u32>(high.x ^ c.y ^ k.x, high.y, low.x ^ c.w ^ k.y, low.y);
        k += vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
    }
    return c;
}
