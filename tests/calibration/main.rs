//! How often what is said is wrong, in simulations whose truth is known: a small part of `analysis/calibration`.

mod families;
mod sentences;
