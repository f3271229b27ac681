//! What all pictures share: size, colours, heading, key and axes.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::coord::{CoordTranslate, Shift};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::key::{Entry, Sample};
use super::ticks::tick;

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
/// Width of a chart that has a picture for itself.
pub(super) const CHART_WIDTH: u32 = WIDTH - LEFT - RIGHT;
/// Height under rows that share their horizontal axis.
const BELOW_ROWS: u32 = 24;

/// Ink of the words.
pub(super) const INK: RGBColor = RGBColor(0x1c, 0x1d, 0x1f);
/// Axes and what stands back.
pub(super) const MUTED: RGBColor = RGBColor(0x59, 0x5d, 0x64);
/// The layer.
pub(super) const DATA: RGBColor = RGBColor(0x00, 0x67, 0xa3);
/// Bars and band: the layer's colour, thinned.
pub(super) const PALE: RGBColor = RGBColor(0xb9, 0xd3, 0xe6);
/// The law.
pub(super) const LAW: RGBColor = RGBColor(0xc2, 0x4e, 0x00);
/// The law of the fitted bulk.
pub(super) const BULK: RGBColor = RGBColor(0x00, 0x78, 0x5a);
/// More colours to tell things apart by.
pub(super) const PURPLE: RGBColor = RGBColor(0x9a, 0x4a, 0x80);
pub(super) const AMBER: RGBColor = RGBColor(0x8a, 0x5a, 0x00);
pub(super) const ALARM: RGBColor = RGBColor(0xa8, 0x1e, 0x1e);

/// What drawing returns.
pub(super) type Drawn<DB, T = ()> =
    Result<T, DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// A drawing area and the pixels of one unit on it.
pub(super) struct Canvas<DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    scale: u32,
}

impl<DB: DrawingBackend> Canvas<DB> {
    pub(super) fn new(area: DrawingArea<DB, Shift>, scale: u32) -> Self {
        Canvas { area, scale }
    }

    /// Units to pixels.
    pub(super) fn px(&self, units: u32) -> u32 {
        units * self.scale
    }

    fn at(&self, x: u32, y: u32) -> (i32, i32) {
        (self.px(x) as i32, self.px(y) as i32)
    }

    /// A solid line of a width in units.
    pub(super) fn stroke(&self, color: RGBColor, width: u32) -> ShapeStyle {
        color.stroke_width(self.px(width))
    }

    fn text_style(&self, size: u32, color: RGBColor) -> TextStyle<'static> {
        // plotters' sizes count from ascent to descent of the font, 1.24 times its em.
        (FAMILY, f64::from(self.px(size)) * 1.24)
            .into_font()
            .color(&color)
    }

    fn text(&self, text: &str, size: u32, color: RGBColor, x: u32, y: u32) -> Drawn<DB> {
        self.area
            .draw_text(text, &self.text_style(size, color), self.at(x, y))
    }

    /// Draws title, key (colour and words, in as many lines as it takes) and the name of the vertical axis; returns the
    /// area below.
    pub(super) fn heading(
        &self,
        title: &str,
        key: &[(RGBColor, &str)],
        y_label: &str,
    ) -> Drawn<DB, Canvas<DB>> {
        let entries: Vec<Entry<'_>> = key
            .iter()
            .map(|&(color, words)| Entry {
                color,
                words,
                sample: Sample::Bar,
            })
            .collect();
        self.heading_with(title, &entries, y_label)
    }

    /// The same with a key whose samples look like what they stand for.
    pub(super) fn heading_with(
        &self,
        title: &str,
        key: &[Entry<'_>],
        y_label: &str,
    ) -> Drawn<DB, Canvas<DB>> {
        let longest = 84;
        let title: String = if title.chars().count() > longest {
            title.chars().take(longest - 1).chain(['…']).collect()
        } else {
            title.to_owned()
        };
        self.text(&title, 15, INK, 16, 12)?;
        let (mut x, mut y) = (16, 38);
        for entry in key {
            let style = self.text_style(12, MUTED);
            let (width, _) = self.area.estimate_text_size(entry.words, &style)?;
            let width = entry.sample.width() + 6 + width / self.scale;
            if x > 16 && x + width > WIDTH - 16 {
                (x, y) = (16, y + 18);
            }
            entry.draw(self, &self.area, self.at(x, y + 5))?;
            let words = self.at(x + entry.sample.width() + 6, y);
            self.area.draw_text(entry.words, &style, words)?;
            x += width + 20;
        }
        self.text(y_label, 12, INK, 16, y + 20)?;
        let (_, below) = self.area.split_vertically(self.px(y + 38));
        Ok(Canvas::new(below, self.scale))
    }

    /// The area cut into rows of equal height, above a line for numbers.
    pub(super) fn rows(&self, count: usize) -> Vec<Canvas<DB>> {
        let (_, height) = self.area.dim_in_pixel();
        let (rows, _) = self.area.split_vertically(height - self.px(BELOW_ROWS));
        let rows = rows.split_evenly((count, 1));
        rows.into_iter()
            .map(|area| Canvas::new(area, self.scale))
            .collect()
    }

    /// The area cut into columns of equal width, above a line for numbers.
    pub(super) fn columns(&self, count: usize) -> Vec<Canvas<DB>> {
        let columns = self.area.split_evenly((1, count));
        columns
            .into_iter()
            .map(|area| Canvas::new(area, self.scale))
            .collect()
    }

    /// The area without a strip of this width in units at its right side, and the strip.
    pub(super) fn aside(&self, width: u32) -> (Canvas<DB>, Canvas<DB>) {
        let (whole, _) = self.area.dim_in_pixel();
        let (left, right) = self.area.split_horizontally(whole - self.px(width));
        (
            Canvas::new(left, self.scale),
            Canvas::new(right, self.scale),
        )
    }

    /// Numbers under the lowest row, for `count` positions from `first` on; its horizontal axis
    /// begins and ends half a position beyond them.
    pub(super) fn positions(&self, first: usize, count: usize) -> Drawn<DB> {
        let step = [1, 2, 5, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .find(|step| count / step <= 12)
            .unwrap_or(count / 10);
        let shown = (first..first + count).filter(|position| position % step == 0);
        let words: Vec<(usize, String)> = shown.map(|p| (p - first, p.to_string())).collect();
        self.words_below(&words, count)
    }

    /// Words under the lowest row, each in the middle of its place of `count`, counted from 0; those that would touch
    /// the one before are left out.
    pub(super) fn words_below(&self, words: &[(usize, String)], count: usize) -> Drawn<DB> {
        let (width, height) = self.area.dim_in_pixel();
        let (left, right) = (self.px(LEFT), width - self.px(RIGHT));
        let style = self
            .text_style(12, MUTED)
            .pos(Pos::new(HPos::Center, VPos::Top));
        let mut end = 0.0;
        for (place, text) in words {
            let part = (*place as f64 + 0.5) / count as f64;
            let x = f64::from(left) + part * f64::from(right - left);
            let half = 0.5 * f64::from(self.area.estimate_text_size(text, &style)?.0);
            if x - half < end {
                continue;
            }
            end = x + half + f64::from(self.px(4));
            let y = height - self.px(BELOW_ROWS - 4);
            self.area.draw_text(text, &style, (x as i32, y as i32))?;
        }
        Ok(())
    }

    /// Draws words that end at a point of a chart, above it.
    pub(super) fn beside<CT: CoordTranslate>(
        &self,
        area: &DrawingArea<DB, CT>,
        words: &str,
        at: CT::From,
    ) -> Drawn<DB> {
        let style = self
            .text_style(12, MUTED)
            .pos(Pos::new(HPos::Right, VPos::Bottom));
        let above = (0, -(self.px(2) as i32));
        area.draw(&(EmptyElement::at(at) + Text::new(words.to_owned(), above, style)))
    }

    /// A word in the upper left corner.
    pub(super) fn label(&self, text: &str) -> Drawn<DB> {
        self.text(text, 12, INK, 70, 2)
    }

    /// Draws a chart with few ticks, no grid and a name under the horizontal axis.
    pub(super) fn chart<X, Y>(
        &self,
        x: X,
        y: Y,
        x_label: &str,
        y_ticks: usize,
    ) -> Drawn<DB, Plane<'_, DB, X, Y>>
    where
        X: AsRangedCoord<Value = f64>,
        Y: AsRangedCoord<Value = f64>,
        X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        self.chart_with(x, y, x_label, y_ticks, &|x| tick(*x))
    }

    /// The same with these words at the ticks of the horizontal axis.
    pub(super) fn chart_with<X, Y>(
        &self,
        x: X,
        y: Y,
        x_label: &str,
        y_ticks: usize,
        x_words: &dyn Fn(&f64) -> String,
    ) -> Drawn<DB, Plane<'_, DB, X, Y>>
    where
        X: AsRangedCoord<Value = f64>,
        Y: AsRangedCoord<Value = f64>,
        X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let below = if x_label.is_empty() { 8 } else { 40 };
        let mut chart = ChartBuilder::on(&self.area)
            .margin_right(self.px(RIGHT))
            .margin_top(self.px(if x_label.is_empty() { 18 } else { 4 }))
            .x_label_area_size(self.px(below))
            .y_label_area_size(self.px(LEFT))
            .build_cartesian_2d(x, y)?;
        let label = self.text_style(12, MUTED);
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(self.stroke(MUTED, 1))
            .x_labels(if x_label.is_empty() { 0 } else { 7 })
            .y_labels(y_ticks)
            .x_label_style(label.clone())
            .y_label_style(label)
            .axis_desc_style(
                self.text_style(12, INK)
                    .pos(Pos::new(HPos::Center, VPos::Top)),
            )
            .x_desc(x_label)
            .x_label_formatter(&x_words)
            .y_label_formatter(&|v| tick(*v))
            .set_all_tick_mark_size(self.px(4))
            .draw()?;
        Ok(chart)
    }

    /// A dashed line.
    pub(super) fn dashes(
        &self,
        points: Vec<(f64, f64)>,
        color: RGBColor,
    ) -> DashedLineSeries<std::vec::IntoIter<(f64, f64)>, u32> {
        DashedLineSeries::new(points, self.px(6), self.px(4), self.stroke(color, 2))
    }

    /// A thin one, for what is expected.
    pub(super) fn thin_dashes(
        &self,
        points: Vec<(f64, f64)>,
        color: RGBColor,
    ) -> DashedLineSeries<std::vec::IntoIter<(f64, f64)>, u32> {
        DashedLineSeries::new(points, self.px(5), self.px(5), self.stroke(color, 1))
    }
}

/// A chart over two ranges.
type Plane<'a, DB, X, Y> = ChartContext<
    'a,
    DB,
    Cartesian2d<<X as AsRangedCoord>::CoordDescType, <Y as AsRangedCoord>::CoordDescType>,
>;
