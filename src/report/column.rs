//! Columns of results: each number once, for files, terminal and page.

use super::format::Format;
use super::frame::{counts, numbers, texts};
use super::grid::{Cell, Head, Kind};
use polars::prelude::{Column as Series, DataFrame, PolarsResult};

/// How a cell is read from a row.
enum Value<T> {
    Text(fn(&T) -> Option<String>),
    Number(fn(&T) -> Option<f64>),
    Count(fn(&T) -> u64),
}

/// A column of a result whose rows are `T`.
pub(super) struct Column<T> {
    /// The name in CSV and Parquet.
    pub key: &'static str,
    value: Value<T>,
    /// The name for a reader.
    pub heading: &'static str,
    /// The meaning, in a sentence.
    title: &'static str,
    format: Format,
    /// Whether it is what another column would be by chance.
    by_chance: bool,
}

impl<T> Column<T> {
    const fn new(key: &'static str, value: Value<T>) -> Column<T> {
        Column {
            key,
            value,
            heading: "",
            title: "",
            format: Format::Significant,
            by_chance: false,
        }
    }

    /// Returns a column of words, `None` where a row has none.
    pub const fn text(key: &'static str, value: fn(&T) -> Option<String>) -> Column<T> {
        Column::new(key, Value::Text(value))
    }

    /// Returns a column of numbers, `None` where a row has none; what is not finite counts as none.
    pub const fn number(key: &'static str, value: fn(&T) -> Option<f64>) -> Column<T> {
        Column::new(key, Value::Number(value))
    }

    /// Returns a column of counts.
    pub const fn count(key: &'static str, value: fn(&T) -> u64) -> Column<T> {
        Column::new(key, Value::Count(value))
    }

    /// Returns a column of numbers that terminal or page show, with a heading, a format and a sentence that says what it
    /// means.
    pub const fn shown(
        key: &'static str,
        heading: &'static str,
        format: Format,
        title: &'static str,
        value: fn(&T) -> Option<f64>,
    ) -> Column<T> {
        Column {
            key,
            value: Value::Number(value),
            heading,
            title,
            format,
            by_chance: false,
        }
    }

    /// Returns a column of what another column would be by chance: a page writes it in grey.
    pub const fn by_chance(
        key: &'static str,
        heading: &'static str,
        format: Format,
        title: &'static str,
        value: fn(&T) -> Option<f64>,
    ) -> Column<T> {
        let mut column = Column::shown(key, heading, format, title, value);
        column.by_chance = true;
        column
    }

    /// Returns the finite number that a row has.
    pub fn of(&self, row: &T) -> Option<f64> {
        match self.value {
            Value::Text(_) => None,
            Value::Number(number) => number(row).filter(|x| x.is_finite()),
            Value::Count(count) => Some(count(row) as f64),
        }
    }

    /// Returns what a terminal shows of a row.
    pub fn on_line(&self, row: Option<&T>) -> String {
        match (&self.value, row) {
            (_, None) => String::new(),
            (Value::Text(text), Some(row)) => text(row).unwrap_or_default(),
            (_, Some(row)) => self.format.on_terminal(self.of(row)),
        }
    }

    /// Returns the head of the column on a page.
    pub fn head(&self) -> Head {
        let kind = match self.value {
            Value::Text(_) => Kind::Words,
            _ => Kind::Number,
        };
        Head {
            kind,
            heading: titled(self.heading),
            title: self.title,
        }
    }

    /// Returns the cell of a row on a page.
    pub fn cell(&self, row: Option<&T>) -> Cell {
        let class = if self.by_chance { "chance" } else { "" };
        let number = row.and_then(|row| self.of(row));
        let text = match (&self.value, row) {
            (Value::Text(text), Some(row)) => text(row).unwrap_or_default(),
            _ => self.format.on_page(number),
        };
        let cell = Cell::from(&text).class(class);
        match number {
            // A bound, or a number with a typographic minus.
            Some(number) if text.parse::<f64>().is_err() => cell.sorted_by(number),
            _ => cell,
        }
    }

    fn series(&self, rows: &[Option<&T>]) -> Series {
        match self.value {
            Value::Text(text) => texts(self.key, rows.iter().map(|row| text((*row)?))),
            Value::Number(number) => numbers(self.key, rows.iter().map(|row| number((*row)?))),
            Value::Count(count) => counts(self.key, rows.iter().map(|row| row.map(count))),
        }
    }
}

/// Begins a heading with a capital letter, unless it begins with a symbol: `Eff. rank`, but `s₁ / R`.
fn titled(heading: &str) -> String {
    let is_word = heading
        .chars()
        .nth(1)
        .is_some_and(|c| c.is_ascii_lowercase());
    if is_word {
        super::text::capitalised(heading)
    } else {
        heading.to_owned()
    }
}

/// Returns the columns of these keys, in this order.
///
/// # Panics
///
/// When a key is no column's.
pub(super) fn pick<'a, T>(columns: &'a [Column<T>], keys: &[&str]) -> Vec<&'a Column<T>> {
    let column = |key: &&str| columns.iter().find(|column| column.key == *key);
    keys.iter()
        .map(|key| column(key).unwrap_or_else(|| panic!("there is no column {key}")))
        .collect()
}

/// Returns the columns of some rows for a frame, those of a row that is `None` being null.
pub(super) fn series<T>(columns: &[Column<T>], rows: &[Option<&T>]) -> Vec<Series> {
    columns.iter().map(|column| column.series(rows)).collect()
}

/// Returns rows as a frame.
pub(super) fn frame<T>(columns: &[Column<T>], rows: &[T]) -> PolarsResult<DataFrame> {
    let rows: Vec<Option<&T>> = rows.iter().map(Some).collect();
    DataFrame::new(rows.len(), series(columns, &rows))
}

#[cfg(test)]
mod tests {
    use super::{Column, frame, pick, titled};
    use crate::report::format::Format::{Fixed, Percent, Significant};

    struct Row {
        name: &'static str,
        rank: f64,
    }

    const COLUMNS: [Column<Row>; 4] = [
        Column::text("name", |row| Some(row.name.into())),
        Column::shown("rank", "eff. rank", Fixed(0), "How many", |row| {
            Some(row.rank)
        }),
        Column::by_chance("chance", "chance", Significant, "By chance", |row| {
            Some(row.rank)
        }),
        Column::shown("share", "of W", Percent(3), "Share", |row| {
            Some(row.rank / 100.0)
        }),
    ];

    /// Would catch a number that is not the same in files, on a terminal and on a page, and one that is not finite and
    /// shown as a number.
    #[test]
    fn a_number_is_the_same_everywhere() {
        let rows = [
            Row {
                name: "a",
                rank: 12.345,
            },
            Row {
                name: "b",
                rank: f64::NAN,
            },
        ];
        let lines = rows
            .each_ref()
            .map(|row| COLUMNS.each_ref().map(|c| c.on_line(Some(row))));
        assert_eq!(lines[0], ["a", "12", "12.35", "12.345 %"]);
        assert_eq!(lines[1], ["b", "", "", ""]);
        let frame = frame(&COLUMNS, &rows).unwrap();
        let ranks = frame.column("rank").unwrap().f64().unwrap();
        assert_eq!((ranks.get(0), ranks.get(1)), (Some(12.345), None));
        let cell = |key: &str, row| format!("{:?}", pick(&COLUMNS, &[key])[0].cell(row));
        assert!(cell("rank", Some(&rows[0])).contains("\"12.3\""));
        assert!(cell("chance", Some(&rows[0])).contains("class: \"chance\""));
        // What is no plain number is sorted by its value.
        assert!(cell("share", Some(&rows[0])).contains("sort: Some(0.12345)"));
        assert!(cell("rank", Some(&rows[1])).contains("content: \"\""));
    }

    /// Would catch a symbol that becomes another one, and words that do not begin as headings do.
    #[test]
    fn headings_begin_with_a_capital_unless_with_a_symbol() {
        let headings = ["eff. rank", "s₁ / R", "p", "KS", "of W"];
        assert_eq!(
            headings.map(titled),
            ["Eff. rank", "s₁ / R", "p", "KS", "Of W"]
        );
    }
}
