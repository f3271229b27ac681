
// Of the 128 entries from a position with those from a place of the tile.
fn own_product(position: u32, place: u32, name: vec2<u32>) -> f32 {
    let bits = philox(position / 128u, name, p.key);
    var sum = 0.0;
    for (var i = 0u; i < 4u; i++) {
        var word = bits[i];
        for (var l = 0u; l < 32u; l++) {
            let x = tile[place + 32u * i + l];
            sum += select(x, -x, (word & 1u) == 1u);
            word >>= 1u;
        }
    }
    return sum;
}
