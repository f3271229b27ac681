
@group(0) @binding(3) var<storage, read> quantiles: array<u32>;

// Of the 128 entries from a position with those from a place of the tile.
fn own_product(position: u32, place: u32, name: vec2<u32>) -> f32 {
    var sum = 0.0;
    for (var i = 0u; i < OWN; i += 4u) {
        let drawn = entries((position + i) / 4u, name);
        let l = place + i;
        sum += dot(drawn, vec4<f32>(tile[l], tile[l + 1u], tile[l + 2u], tile[l + 3u]));
    }
    return sum;
}
