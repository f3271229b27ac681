//! Cosines over the images that inputs are.

use super::slot::Planes;
use super::{Slot, Weight, WeightError};
use crate::operator::basis::{Image, zig_zag};
use crate::operator::{Dct, LinearOperator, Product, Repeated, Selection};
use serde::{Deserialize, Serialize};

/// The orthonormal DCT of each channel, coefficients channel by channel, as factors of a product.
pub(super) fn spread(planes: Planes) -> Vec<Box<dyn LinearOperator>> {
    let columns = planes.channels * planes.area();
    let one = Dct::images(planes.height, planes.width);
    let all = Repeated::new(planes.channels, Box::new(one));
    let mut factors: Vec<Box<dyn LinearOperator>> = vec![Box::new(all)];
    if planes.channels_last {
        let channel_first = |i: usize| planes.column(i / planes.area(), i % planes.area());
        let order = (0..columns).map(channel_first).collect();
        factors.push(Box::new(Selection::new(order, columns)));
    }
    factors
}

/// `family = "dct"`: the fixed orthonormal two-dimensional DCT of the channels of an image, no parameters; with
/// fewer rows than columns the lowest frequencies in zig-zag order, at each the channels in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct DctSettings {}

impl DctSettings {
    pub(super) fn build(&self, slot: &Slot) -> Result<Weight, WeightError> {
        let &Slot { rows, columns, .. } = slot;
        if rows > columns {
            return Err(WeightError::Dct { rows, columns });
        }
        let planes = slot.planes();
        let mut factors = spread(planes);
        if rows < columns {
            let order = zig_zag(Image {
                height: planes.height,
                width: planes.width,
            });
            let place = |t: usize| {
                let (down, across) = order[t / planes.channels];
                (t % planes.channels) * planes.area() + down * planes.width + across
            };
            let lowest = Selection::new((0..rows).map(place).collect(), columns);
            factors.insert(0, Box::new(lowest));
        }
        Ok(Weight::fixed(Product::in_sequence(factors)))
    }
}
