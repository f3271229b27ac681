//! Parts that pages are made of: sections, lists of terms, pictures, long names.

use maud::{Markup, PreEscaped, html};

/// Terms, each with what it means after a colon.
pub(super) type Terms = &'static [&'static str];

/// Returns the section that says what the terms mean; nothing where there are none.
pub(super) fn terms(terms: Terms) -> Markup {
    if terms.is_empty() {
        return html! {};
    }
    let split = terms.iter().filter_map(|term| term.split_once(": "));
    let split: Vec<_> = split.collect();
    section(
        "words",
        "Terms",
        html! { dl.terms { "\n" (pairs(&split)) } "\n" },
    )
}

/// Returns a section under a heading; its id is `ID-heading`.
pub(super) fn section(id: &str, heading: impl maud::Render, content: Markup) -> Markup {
    html! {
        section aria-labelledby={ (id) "-heading" } { "\n"
            h2 id={ (id) "-heading" } { (heading) } "\n"
            (content)
        }
        "\n"
    }
}

/// Returns the section of a matrix, with its notes; it has the anchor `#layer-POSITION`.
pub(super) fn layer_section(position: usize, name: &str, content: Markup) -> Markup {
    html! {
        section id={ "layer-" (position) } aria-labelledby={ "name-" (position) } { "\n"
            h2 id={ "name-" (position) } { (position) " " (breakable(name)) } "\n"
            (content)
        }
        "\n"
    }
}

/// Returns the pairs of a definition list.
pub(super) fn pairs<A: AsRef<str>, B: AsRef<str>>(pairs: &[(A, B)]) -> Markup {
    html! {
        @for (term, text) in pairs {
            div { dt { (term.as_ref()) } dd { (text.as_ref()) } } "\n"
        }
    }
}

/// Returns the picture with this stem as it is written to a file, in the page itself; `None` where it was not drawn.
pub(super) fn picture(pictures: &[(String, Vec<u8>)], stem: &str) -> Option<Markup> {
    let is_it = |name: &str| name.strip_suffix(".svg") == Some(stem);
    let (_, svg) = pictures.iter().find(|(name, _)| is_it(name))?;
    Some(PreEscaped(String::from_utf8_lossy(svg).into_owned()))
}

/// Returns a long text, line by line, behind a line that opens it.
pub(super) fn folded_text(summary: &str, label: &str, text: &str) -> Markup {
    /// Longest line that is shown, in characters.
    const LONGEST_LINE: usize = 1000;
    let lines = text.lines();
    let lines: Vec<String> = lines
        .map(|line| crate::weights::escape_within(line, LONGEST_LINE))
        .collect();
    html! {
        details { "\n"
            summary { (summary) } "\n"
            pre tabindex="0" aria-label=(label) { (lines.join("\n")) } "\n"
        }
        "\n"
    }
}

/// Returns a name with places to break the line where it is long: after dots, slashes, underscores and wherever none
/// of them comes for a while.
pub(super) fn breakable(name: &str) -> Markup {
    /// Names up to here stay on one line.
    const ONE_LINE: usize = 36;
    /// Longest piece without a break.
    const PIECE: usize = 24;
    if name.chars().nth(ONE_LINE).is_none() {
        return html! { (name) };
    }
    let mut pieces = vec![String::new()];
    let mut since = 0;
    for c in name.chars() {
        pieces.last_mut().expect("there is one").push(c);
        since += 1;
        if matches!(c, '.' | '/' | '_') || since == PIECE {
            pieces.push(String::new());
            since = 0;
        }
    }
    html! {
        @for (i, piece) in pieces.iter().enumerate() {
            @if i > 0 { wbr; }
            (piece)
        }
    }
}
