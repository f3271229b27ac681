//! The data block of a page as the script reads it.

use serde_json::Value;

/// The data block of a page.
pub fn data_block(html: &str) -> Value {
    let (_, rest) = html
        .split_once("<script type=\"application/json\" id=\"data\">")
        .unwrap();
    let (block, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(block).unwrap()
}

/// A part of a data block with its numbers and lists in place.
pub fn whole(data: &Value, part: &Value) -> Value {
    let mut fill = part.as_array().unwrap()[1..].iter();
    let skeleton = part[0].as_u64().unwrap() as usize;
    let mut value = data["skeletons"][skeleton].clone();
    grow(data, &mut value, &mut fill);
    assert!(fill.next().is_none());
    value
}

fn grow<'a>(data: &Value, value: &mut Value, fill: &mut impl Iterator<Item = &'a Value>) {
    match value {
        Value::Null => *value = fill.next().unwrap().clone(),
        Value::Array(all) if all.is_empty() => {
            let list = &data["lists"][fill.next().unwrap().as_u64().unwrap() as usize];
            *value = match list["count"].as_u64() {
                None => list.clone(),
                Some(count) => {
                    let [from, step] = ["from", "step"].map(|key| list[key].as_f64().unwrap());
                    (0..count).map(|i| from + i as f64 * step).collect()
                }
            };
        }
        Value::Array(all) => all.iter_mut().for_each(|own| grow(data, own, fill)),
        Value::Object(own) => own.values_mut().for_each(|own| grow(data, own, fill)),
        _ => {}
    }
}
