// Place of entry (i, j) of a view: first entry, distance of rows, of columns, of matrices.
fn at(view: vec4<u32>, i: u32, j: u32) -> u32 {
    return view.x + i * view.y + j * view.z;
}

// The number of a workgroup whose grid was folded into two dimensions.
fn group(id: vec3<u32>, count: vec3<u32>) -> u32 {
    return id.x + id.y * count.x;
}

// Whether x is no number, by its bits: compilers may take it that there are none such, and no comparison tells then.
fn is_none(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}
