//! Files to named tensors to matrices.
