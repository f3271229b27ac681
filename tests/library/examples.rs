//! The examples run.

#[path = "../../examples/analyze_file.rs"]
mod analyze_file;
#[path = "../../examples/fit_product.rs"]
mod fit_product;
#[path = "../../examples/train_layer.rs"]
mod train_layer;
#[path = "../../examples/write_a_family.rs"]
mod write_a_family;

#[test]
fn a_file_is_analysed() {
    analyze_file::main().unwrap();
}

#[test]
fn a_product_is_fitted() {
    fit_product::main().unwrap();
}

#[test]
fn a_layer_is_trained() {
    train_layer::main().unwrap();
}

#[test]
fn a_family_is_written() {
    write_a_family::main().unwrap();
}
