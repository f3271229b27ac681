//! Sketches by enumeration, by their dense matrices and by statistics.

mod enumerated;
mod golden;
mod measured;
mod planned;
