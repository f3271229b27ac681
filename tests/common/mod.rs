//! What tests share: running the programs, files for them to read, and waiting for what they do.
// each test binary uses a part of it
#![allow(dead_code)]

pub mod command;
pub mod contract;
pub mod files;
pub mod html;
pub mod tensors;
pub mod wait;
