//! The data that a page's script draws, as JSON in which parts that many figures share stand once.

use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;

use crate::report::curves::rounded;

/// Significant digits of every number of a page; its JSON file has them all.
const DIGITS: usize = 4;

/// The skeletons and the lists of a data block.
///
/// A skeleton is a value with `null` for each number and `[]` for each list of numbers or sentences; a sentence with a number
/// in it is like a number. The script puts them back in the order of the skeleton.
#[derive(Debug, Default)]
pub(super) struct SharedData {
    skeletons: Places,
    lists: Places,
}

/// Values, each once.
#[derive(Debug, Default)]
struct Places {
    values: Vec<Value>,
    known: HashMap<String, usize>,
}

impl Places {
    fn place(&mut self, value: Value) -> usize {
        let next = self.values.len();
        let place = *self.known.entry(value.to_string()).or_insert(next);
        if place == next {
            self.values.push(value);
        }
        place
    }
}

impl SharedData {
    /// Returns `[skeleton, numbers and lists …]` of plain data.
    pub(super) fn part<T: Serialize>(&mut self, data: &T) -> Value {
        let mut skeleton = serde_json::to_value(data).expect("plain data has a JSON form");
        let mut part = vec![Value::Null];
        self.hollow(&mut skeleton, &mut part);
        part[0] = self.skeletons.place(skeleton).into();
        part.into()
    }

    /// Returns the data block: `data` with the skeletons and the lists of its parts, safe inside a `script` element.
    pub(super) fn block<T: Serialize>(self, data: &T) -> String {
        let mut value = serde_json::to_value(data).expect("plain data has a JSON form");
        value["skeletons"] = self.skeletons.values.into();
        value["lists"] = self.lists.values.into();
        // No name can end the element or open a comment.
        value
            .to_string()
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026")
    }

    fn hollow(&mut self, value: &mut Value, part: &mut Vec<Value>) {
        match value {
            Value::Number(number) if number.is_f64() => part.push(short(value.take())),
            Value::Null => part.push(Value::Null),
            Value::String(text) if text.contains(|c: char| c.is_ascii_digit()) => {
                part.push(value.take());
            }
            Value::Array(all) if all.iter().all(is_plain) => {
                part.push(self.lists.place(list(std::mem::take(all))).into());
            }
            Value::Array(all) => {
                if let Some(mut columns) = columns(all) {
                    self.hollow(&mut columns, part);
                    *value = columns;
                } else {
                    all.iter_mut().for_each(|own| self.hollow(own, part));
                }
            }
            Value::Object(fields) => fields.values_mut().for_each(|own| self.hollow(own, part)),
            _ => {}
        }
    }
}

/// Whether a value is a number, a sentence or nothing.
fn is_plain(value: &Value) -> bool {
    value.is_number() || value.is_string() || value.is_null()
}

/// Returns rows of numbers and sentences as columns: `[{"x": 1, "y": 2}]` is `{"x": [1], "y": [2]}`; `None` of other lists.
fn columns(rows: &[Value]) -> Option<Value> {
    let names = rows.first()?.as_object()?.keys();
    let column = |name: &String| {
        let each = rows.iter().map(|row| row.get(name).cloned());
        let plain = each.map(|x| x.filter(is_plain));
        Some((name.clone(), plain.collect::<Option<Vec<Value>>>()?.into()))
    };
    names
        .map(column)
        .collect::<Option<serde_json::Map<_, _>>>()
        .map(Value::Object)
}

/// Returns a list with rounded numbers; one of equal steps, which rounding does not change, by its first one.
fn list(numbers: Vec<Value>) -> Value {
    let exact: Option<Vec<f64>> = numbers.iter().map(Value::as_f64).collect();
    if let Some([first, second, .., last]) = exact.as_deref() {
        let (count, steps) = (numbers.len(), numbers.len() - 1);
        let step = (last - first) / steps as f64;
        let is_round = |x: f64| (rounded(x, DIGITS) - x).abs() <= 1e-9 * x.abs();
        let is_even = exact.iter().flatten().enumerate().all(|(place, x)| {
            (first + place as f64 * step - x).abs() <= 1e-9 * (second - first).abs()
        });
        if is_even && is_round(*first) && is_round(step) {
            let [from, step] = [*first, rounded(step, DIGITS)].map(|x| short(x.into()));
            return json!({"from": from, "step": step, "count": count});
        }
    }
    numbers.into_iter().map(short).collect::<Vec<_>>().into()
}

/// Returns a number with four digits, whole numbers without a point.
fn short(number: Value) -> Value {
    let Some(exact) = number.as_f64().filter(|_| number.is_f64()) else {
        return number;
    };
    let near = rounded(exact, DIGITS);
    if near.fract() == 0.0 && near.abs() < 1e9 {
        Value::from(near as i64)
    } else {
        Value::from(near)
    }
}

#[cfg(test)]
mod tests {
    use super::SharedData;
    use serde_json::json;

    /// Would catch parts alike that stand twice, numbers that change places, a list rounded to another one, and a name that
    /// ends the element.
    #[test]
    fn what_is_alike_stands_once() {
        let mut shared = SharedData::default();
        let figure = |x: f64, y: [f64; 3]| json!({"b": x, "a": "</script>", "points": [{"x": 1.0, "y": y[0]}, {"x": 2.0, "y": y[1]}, {"x": 3.0, "y": y[2]}], "words": "α = 1"});
        let one = shared.part(&figure(0.123_456, [1.0, 5.0, 2.0]));
        let other = shared.part(&figure(7.0, [0.000_123_456, f64::NAN, 9.0]));
        assert_eq!(one[0], other[0]);
        let block = shared.block(&json!({"figures": [one, other]}));
        assert!(!block.contains('<'));
        let data: serde_json::Value = serde_json::from_str(&block).unwrap();
        let lists = json!([{"from": 1, "step": 1, "count": 3}, [1, 5, 2], [0.000_123_5, null, 9]]);
        assert_eq!(data["lists"], lists);
        assert_eq!(data["skeletons"].as_array().unwrap().len(), 1);
        let numbers = |which: usize| data["figures"][which].as_array().unwrap()[1..].to_vec();
        for (which, b, y) in [(0, json!(0.1235), 1), (1, json!(7), 2)] {
            let mut expected = [b, json!(0), json!(y), json!("α = 1")].to_vec();
            let mut own = numbers(which);
            expected.sort_by_key(ToString::to_string);
            own.sort_by_key(ToString::to_string);
            assert_eq!(own, expected);
        }
    }
}
