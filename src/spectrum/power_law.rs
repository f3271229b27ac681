//! stub
use super::{KsSide, PowerLaw};
/// stub
pub fn fit_power_law(_: &[f64], _: KsSide, _: usize) -> Option<PowerLaw> {
    None
}
