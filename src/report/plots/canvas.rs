//! The paper of a picture: its size, its words, and charts on it.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::{CoordTranslate, Shift};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::palette::{INK, MUTED};
use super::ticks::Tick;

/// Width of a picture, in units of the SVG.
pub(super) const WIDTH: u32 = 720;
/// Height of a picture.
pub(super) const HEIGHT: u32 = 440;
/// The family under which the built-in font is known; readers of an SVG use their own.
pub(super) const FAMILY: &str = "sans-serif";

/// Width left of a chart.
const LEFT: u32 = 64;
/// Width right of a chart.
const RIGHT: u32 = 18;
/// Height above a chart, and above one with words in its corner.
const ABOVE: [u32; 2] = [4, 18];
/// Height below a chart without numbers, and below one with numbers and a name.
const BELOW: [u32; 2] = [8, 40];

/// The result of drawing.
pub(super) type Drawn<DB, T = ()> =
    Result<T, DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// A chart whose corners are (0, 0) and (1, 1).
pub(super) type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<Unit, Unit>>;

/// An axis from 0 to 1 with ticks at these places. Of plotters' own, none takes ticks and words for them.
pub(super) struct Unit(Vec<f64>);

impl Unit {
    fn new(ticks: &[Tick]) -> Unit {
        Unit(ticks.iter().map(|tick| tick.at).collect())
    }
}

impl Ranged for Unit {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        from + (value * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.0.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        0.0..1.0
    }
}

/// Labels and axes around a chart.
pub(super) struct Frame<'a> {
    /// The words in its upper left corner.
    pub corner: &'a str,
    /// Ticks of the vertical axis.
    pub upward: Vec<Tick>,
    /// Ticks of the horizontal axis, and its name; `None` where another chart shows the same axis.
    pub across: Option<(Vec<Tick>, &'a str)>,
}

/// A drawing area and the pixels of one unit on it.
pub(super) struct Canvas<DB: DrawingBackend> {
    pub(super) area: DrawingArea<DB, Shift>,
    scale: u32,
}

impl<DB: DrawingBackend> Canvas<DB> {
    pub(super) fn new(area: DrawingArea<DB, Shift>, scale: u32) -> Self {
        Canvas { area, scale }
    }

    /// Returns units in pixels.
    pub(super) fn px(&self, units: u32) -> u32 {
        units * self.scale
    }

    pub(super) fn at(&self, x: u32, y: u32) -> (i32, i32) {
        (self.px(x) as i32, self.px(y) as i32)
    }

    /// Returns a solid line of a width in units.
    pub(super) fn stroke(&self, color: RGBColor, width: u32) -> ShapeStyle {
        color.stroke_width(self.px(width))
    }

    fn text_style(&self, size: u32, color: RGBColor) -> TextStyle<'static> {
        // plotters' sizes count from ascent to descent of the font, 1.24 times its em.
        (FAMILY, f64::from(self.px(size)) * 1.24)
            .into_font()
            .color(&color)
    }

    /// Writes words with their upper left corner at a point in units.
    pub(super) fn text(&self, text: &str, size: u32, color: RGBColor, x: u32, y: u32) -> Drawn<DB> {
        self.area
            .draw_text(text, &self.text_style(size, color), self.at(x, y))
    }

    /// Returns the width of words in units.
    pub(super) fn width(&self, text: &str, size: u32) -> Drawn<DB, u32> {
        let style = self.text_style(size, INK);
        let (width, _) = self.area.estimate_text_size(text, &style)?;
        Ok(width / self.scale)
    }

    /// Returns what is left under the first `height` units.
    pub(super) fn below(&self, height: u32) -> Canvas<DB> {
        let (_, below) = self.area.split_vertically(self.px(height));
        Canvas::new(below, self.scale)
    }

    /// Returns the area cut into `count` rows with charts of equal height, of which the last one alone has numbers below.
    pub(super) fn rows(&self, count: usize) -> Vec<Canvas<DB>> {
        let (_, height) = self.area.dim_in_pixel();
        let row = (height - self.px(BELOW[1] - BELOW[0])) / count.max(1) as u32;
        let ends: Vec<u32> = (1..count).map(|place| place as u32 * row).collect();
        self.cut(self.area.split_by_breakpoints([0u32; 0], ends))
    }

    /// Returns the area cut into columns of these shares of its width.
    pub(super) fn columns(&self, shares: &[u32]) -> Vec<Canvas<DB>> {
        let (width, _) = self.area.dim_in_pixel();
        let whole: u32 = shares.iter().sum();
        let ends =
            (1..shares.len()).map(|place| width * shares[..place].iter().sum::<u32>() / whole);
        self.cut(
            self.area
                .split_by_breakpoints(ends.collect::<Vec<u32>>(), [0u32; 0]),
        )
    }

    fn cut(&self, areas: Vec<DrawingArea<DB, Shift>>) -> Vec<Canvas<DB>> {
        let each = areas.into_iter();
        each.map(|area| Canvas::new(area, self.scale)).collect()
    }

    /// Returns the width in units of a chart on the whole area.
    pub(super) fn chart_width(&self) -> f64 {
        let (width, _) = self.area.dim_in_pixel();
        f64::from(width / self.scale) - f64::from(LEFT + RIGHT)
    }

    /// Returns the height in units of a chart on the whole area.
    pub(super) fn chart_height(&self, corner: &str, has_numbers: bool) -> f64 {
        let (_, height) = self.area.dim_in_pixel();
        f64::from(height / self.scale) - f64::from(around(corner, has_numbers).iter().sum::<u32>())
    }

    /// Draws words that end at a point of a chart, above it.
    pub(super) fn beside<CT: CoordTranslate>(
        &self,
        area: &DrawingArea<DB, CT>,
        words: &str,
        at: CT::From,
    ) -> Drawn<DB> {
        let place = Pos::new(HPos::Right, VPos::Bottom);
        let style = self.text_style(12, MUTED).pos(place);
        let above = (0, -(self.px(2) as i32));
        area.draw(&(EmptyElement::at(at) + Text::new(words.to_owned(), above, style)))
    }

    /// Draws the axes of a chart on the whole area.
    pub(super) fn chart(&self, frame: &Frame<'_>) -> Drawn<DB, Chart<'_, DB>> {
        let none = (Vec::new(), "");
        let (across, name) = frame.across.as_ref().unwrap_or(&none);
        let [above, below] = around(frame.corner, frame.across.is_some());
        let mut chart = ChartBuilder::on(&self.area)
            .margin_right(self.px(RIGHT))
            .margin_top(self.px(above))
            .x_label_area_size(self.px(below))
            .y_label_area_size(self.px(LEFT))
            .build_cartesian_2d(Unit::new(across), Unit::new(&frame.upward))?;
        let label = self.text_style(12, MUTED);
        let centred = Pos::new(HPos::Center, VPos::Top);
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(self.stroke(MUTED, 1))
            .x_label_style(label.clone())
            .y_label_style(label)
            .axis_desc_style(self.text_style(12, INK).pos(centred))
            .x_desc(*name)
            .x_label_formatter(&|at| words(across, *at))
            .y_label_formatter(&|at| words(&frame.upward, *at))
            .set_all_tick_mark_size(self.px(4))
            .draw()?;
        self.text(frame.corner, 12, INK, LEFT + 6, 2)?;
        Ok(chart)
    }
}

/// Returns the heights above and below a chart.
fn around(corner: &str, has_numbers: bool) -> [u32; 2] {
    [
        ABOVE[usize::from(!corner.is_empty())],
        BELOW[usize::from(has_numbers)],
    ]
}

/// Returns what stands at the tick of this place.
fn words(ticks: &[Tick], at: f64) -> String {
    let tick = ticks.iter().find(|tick| tick.at == at);
    tick.map_or(String::new(), |tick| tick.words.clone())
}
