//! A table of a page.

use maud::{Markup, Render, html};

/// The kind of a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers, to the right.
    Number,
    /// The name of the row.
    Name,
    /// Words, to the left.
    Words,
}

/// The head of a column.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub kind: Kind,
    pub heading: String,
    /// The meaning of the column, in a sentence.
    pub title: &'static str,
}

/// A cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    content: String,
    class: &'static str,
    title: String,
    sort: Option<f64>,
    span: usize,
}

impl<T: Render> From<T> for Cell {
    fn from(content: T) -> Cell {
        Cell {
            content: content.render().into_string(),
            ..Cell::default()
        }
    }
}

impl Cell {
    /// Sets a class besides that of the column.
    pub fn class(mut self, class: &'static str) -> Cell {
        self.class = class;
        self
    }

    /// Sets what is said when the cell is pointed at.
    pub fn title(mut self, title: impl Into<String>) -> Cell {
        self.title = title.into();
        self
    }

    /// Sets the number by which its column sorts it, where its text is no plain number.
    pub fn sorted_by(mut self, number: f64) -> Cell {
        self.sort = Some(number);
        self
    }

    /// Lets words take the place of several cells.
    pub fn across(mut self, cells: usize) -> Cell {
        self.span = cells;
        self
    }
}

/// A row of cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub id: Option<String>,
    pub class: Option<&'static str>,
    cells: Vec<Cell>,
}

/// A table in a frame that scrolls.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid {
    label: String,
    id: Option<&'static str>,
    class: Option<&'static str>,
    caption: Option<Markup>,
    is_tall: bool,
    /// Whether a script sorts it; it is sorted by the first column as it is.
    is_sortable: bool,
    heads: Vec<Head>,
    rows: Vec<Row>,
    foot: Option<Row>,
}

impl Grid {
    /// Returns a table without columns; a screen reader calls it by `label`.
    pub fn new(label: impl Into<String>) -> Grid {
        Grid {
            label: label.into(),
            ..Grid::default()
        }
    }

    pub fn id(mut self, id: &'static str) -> Grid {
        self.id = Some(id);
        self
    }

    pub fn class(mut self, class: &'static str) -> Grid {
        self.class = Some(class);
        self
    }

    pub fn caption(mut self, caption: impl Render) -> Grid {
        self.caption = Some(caption.render());
        self
    }

    /// Keeps the table within the height of the window, its head in sight.
    pub fn tall(mut self) -> Grid {
        self.is_tall = true;
        self
    }

    /// Lets the script of the page sort it by each column; it is sorted by the first as it is.
    pub fn sortable(mut self) -> Grid {
        self.is_sortable = true;
        self
    }

    /// Adds columns of one kind.
    pub fn heads<H: Into<String>>(
        mut self,
        kind: Kind,
        headings: impl IntoIterator<Item = H>,
    ) -> Grid {
        self.heads.extend(headings.into_iter().map(|heading| Head {
            kind,
            heading: heading.into(),
            title: "",
        }));
        self
    }

    /// Adds columns with what they mean.
    pub fn columns(mut self, heads: impl IntoIterator<Item = Head>) -> Grid {
        self.heads.extend(heads);
        self
    }

    /// Adds a row; its id and class may be set afterwards.
    pub fn row(&mut self, cells: Vec<Cell>) -> &mut Row {
        self.rows.push(Row {
            cells,
            ..Row::default()
        });
        self.rows.last_mut().expect("it was just added")
    }

    /// Sets the row under the others.
    pub fn foot(&mut self, cells: Vec<Cell>) {
        self.foot = Some(Row {
            cells,
            ..Row::default()
        });
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.heads.len()
    }

    fn head(&self, place: usize, head: &Head) -> Markup {
        let class = (head.kind == Kind::Number).then_some("num");
        let title = (!head.title.is_empty()).then_some(head.title);
        if !self.is_sortable {
            return html! { th scope="col" class=[class] title=[title] { (head.heading) } };
        }
        let order = if place == 0 { "ascending" } else { "none" };
        html! { th scope="col" class=[class] aria-sort=(order) { button title=[title] { (head.heading) } } }
    }

    fn cell(&self, place: usize, cell: &Cell) -> Markup {
        let kind = self.heads.get(place).map_or(Kind::Words, |head| head.kind);
        let content = maud::PreEscaped(&cell.content);
        if kind == Kind::Name {
            return html! { th scope="row" { (content) } };
        }
        let words = kind == Kind::Words || cell.span > 1;
        let classes = [if words { "words" } else { "" }, cell.class];
        let classes: Vec<&str> = classes
            .into_iter()
            .filter(|class| !class.is_empty())
            .collect();
        let class = (!classes.is_empty()).then(|| classes.join(" "));
        let title = (!cell.title.is_empty()).then_some(&cell.title);
        let span = (cell.span > 1).then_some(cell.span);
        let sort = cell.sort.map(|number| format!("{number:e}"));
        html! { td class=[class] title=[title] colspan=[span] data-v=[sort] { (content) } }
    }

    fn line(&self, row: &Row) -> Markup {
        html! {
            tr id=[&row.id] class=[row.class] {
                @for (place, cell) in row.cells.iter().enumerate() { (self.cell(place, cell)) }
            }
            "\n"
        }
    }
}

impl Render for Grid {
    fn render(&self) -> Markup {
        let frame = if self.is_tall {
            "scroll tall"
        } else {
            "scroll"
        };
        html! {
            div class=(frame) tabindex="0" role="region" aria-label=(self.label) { "\n"
                table id=[self.id] class=[self.class] {
                    @if let Some(caption) = &self.caption { caption { (caption) } "\n" }
                    thead { tr { @for (place, head) in self.heads.iter().enumerate() { (self.head(place, head)) } } } "\n"
                    tbody { "\n" @for row in &self.rows { (self.line(row)) } }
                    @if let Some(foot) = &self.foot { tfoot { (self.line(foot)) } }
                }
                "\n"
            }
            "\n"
        }
    }
}
