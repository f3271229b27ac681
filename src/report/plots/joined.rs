//! Strokes of one style in one path: plotters writes every dash as an element of its own.

/// What an open stroke begins with, up to its points.
const STROKE: &str = "<polyline ";

/// Returns the SVG `text` with strokes that follow one another in one style joined to a path. It looks the same.
pub(super) fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut style = "";
    for line in text.split_inclusive('\n') {
        match stroke(line) {
            Some((own, points)) => {
                if own != style {
                    end(&mut out, style);
                    out += &format!("<path {own}d=\"");
                    style = own;
                }
                out += &format!("M{}", points.trim_end());
            }
            None => {
                end(&mut out, style);
                style = "";
                out += line;
            }
        }
    }
    end(&mut out, style);
    out
}

/// Style and points of a line of SVG that is a stroke.
fn stroke(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_end().strip_prefix(STROKE)?.strip_suffix("\"/>")?;
    rest.split_once("points=\"")
}

fn end(out: &mut String, style: &str) {
    if !style.is_empty() {
        *out += "\"/>\n";
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    /// Catches a stroke that is lost, joined to one of another style, or moved across what is drawn between.
    #[test]
    fn strokes_keep_their_style_and_order() {
        let line = |color: &str, points: &str| {
            format!("<polyline fill=\"none\" stroke=\"{color}\" points=\"{points} \"/>\n")
        };
        let text = format!(
            "<svg>\n{}{}{}<circle/>\n{}</svg>\n",
            line("#a", "1,2 3,4"),
            line("#a", "5,6 7,8"),
            line("#b", "1,1 2,2"),
            line("#b", "3,3 4,4"),
        );
        let path = |color: &str, points: &str| {
            format!("<path fill=\"none\" stroke=\"{color}\" d=\"{points}\"/>\n")
        };
        let expected = format!(
            "<svg>\n{}{}<circle/>\n{}</svg>\n",
            path("#a", "M1,2 3,4M5,6 7,8"),
            path("#b", "M1,1 2,2"),
            path("#b", "M3,3 4,4"),
        );
        assert_eq!(joined(&text), expected);
    }
}
