//! How values of options are read.

use std::str::FromStr;

/// Largest height or width of an image.
const LARGEST_SIDE: usize = 65_536;

/// Reads a value from text, or says what is wanted.
pub(super) trait Parser<T>:
    Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
{
}

impl<T, F: Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static> Parser<T> for F {}

/// Returns a parser of values for which `is_valid` holds; `wanted` says which these are.
pub(super) fn parsed<T: FromStr + 'static>(
    is_valid: fn(&T) -> bool,
    wanted: &'static str,
) -> impl Parser<T> {
    move |text: &str| {
        let value = text.parse().ok().filter(is_valid);
        value.ok_or_else(|| wanted.to_owned())
    }
}

/// Returns a parser of counts.
pub(super) fn at_least_one() -> impl Parser<usize> {
    parsed(|&count: &usize| count > 0, "a whole number of at least 1")
}

/// Reads height and width of an image, as `28x28`.
pub(super) fn image(text: &str) -> Result<[usize; 2], String> {
    let side = parsed(
        |side: &usize| (1..=LARGEST_SIDE).contains(side),
        "a height and a width up to 65536, as 28x28",
    );
    let (height, width) = text.split_once('x').unwrap_or((text, ""));
    Ok([side(height)?, side(width)?])
}

/// Reads a share of a whole: `1/64`, `0.1` or `10%`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let share = match (text.split_once('/'), text.strip_suffix('%')) {
        (Some((above, below)), _) => number(above).zip(number(below)).map(|(a, b)| a / b),
        (None, Some(percent)) => number(percent).map(|x| x / 100.0),
        (None, None) => number(text),
    };
    match share {
        Some(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("a share above 0 and at most 1 is needed, as 1/64, 0.1 or 10%".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches values at or beyond a limit, and spellings that are read as something else.
    #[test]
    fn values_within_limits_are_taken() {
        assert_eq!(image("28x30"), Ok([28, 30]));
        for text in ["28", "28x", "x28", "0x28", "28x28x28", "28x65537", "-1x5"] {
            assert!(image(text).is_err(), "{text}");
        }
        assert_eq!(share("1/64"), Ok(1.0 / 64.0));
        assert_eq!(share("10%"), Ok(0.1));
        for text in ["0", "2", "1/0", "nan", "64", ""] {
            assert!(share(text).is_err(), "{text}");
        }
        assert_eq!(at_least_one()("1"), Ok(1));
        assert!(at_least_one()("0").is_err());
    }
}
