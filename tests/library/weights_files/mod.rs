//! Weight files from outside: what is read exactly, and what every bad one gets.
//!
//! Files are built byte by byte here, so that each is wrong in one way only.

mod accepted;
mod bad_npy;
mod bad_npz;
mod bad_safetensors;
mod bad_streams;
mod bad_torch;
mod build;
mod formats;
mod in_memory;
mod index;
mod surroundings;
