//! Data sets from outside: what is read exactly, and what every bad one gets.
//!
//! Files are built byte by byte here, so that each is wrong in one way only.

mod accepted;
mod bad_cifar;
mod bad_idx;
mod bad_npz;
mod bad_pictures;
mod bad_stl;
mod build;
mod generated;
mod names;
