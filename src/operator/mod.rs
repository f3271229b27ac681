//! Structured linear maps.

pub mod basis;
