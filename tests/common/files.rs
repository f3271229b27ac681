//! Files of weights and data sets, byte by byte.

use std::path::Path;

/// Writes a file and the folders above it; returns its path.
#[track_caller]
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Writes such a file of doubles; returns its path.
#[track_caller]
pub fn write_npy(folder: &Path, name: &str, shape: &str, data: &[f64]) -> String {
    write(folder, name, &npy(shape, data))
}

/// A version 1 npy file of doubles in C order, its shape as Python writes it.
pub fn npy(shape: &str, data: &[f64]) -> Vec<u8> {
    let bytes: Vec<u8> = data.iter().flat_map(|x| x.to_le_bytes()).collect();
    npy_of("<f8", shape, &bytes)
}

/// A version 1 npy file in C order of this type and shape.
pub fn npy_of(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy_with(
        &format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"),
        data,
    )
}

/// A version 1 npy file with this header, right or wrong.
pub fn npy_with(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// An IDX file of bytes.
pub fn idx(shape: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    file.extend(shape.iter().flat_map(|n| n.to_be_bytes()));
    file.extend(bytes);
    file
}
