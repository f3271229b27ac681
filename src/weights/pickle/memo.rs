//! The memo of a pickle: numbered values to be used again.

use std::collections::HashMap;

use super::Value;

/// Numbers are nearly always 0, 1, 2, …; others take more room each.
#[derive(Default)]
pub(super) struct Memo {
    counted: Vec<Value>,
    others: HashMap<u32, Value>,
}

impl Memo {
    pub(super) fn len(&self) -> usize {
        self.counted.len() + self.others.len()
    }

    pub(super) fn get(&self, key: u32) -> Option<Value> {
        let counted = self.counted.get(key as usize);
        counted.or_else(|| self.others.get(&key)).copied()
    }

    pub(super) fn insert(&mut self, key: u32, value: Value) {
        let next = self.counted.len();
        match self.counted.get_mut(key as usize) {
            Some(old) => *old = value,
            None if key as usize == next && !self.others.contains_key(&key) => {
                self.counted.push(value);
            }
            None => {
                self.others.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(value: Option<Value>) -> Option<i64> {
        match value {
            Some(Value::Int(number)) => Some(number),
            _ => None,
        }
    }

    /// In order, out of order, again: one value a number, and the length counts numbers.
    #[test]
    fn the_last_value_of_a_number_counts() {
        let mut memo = Memo::default();
        for (step, key) in [0, 2, 1, 2, 0, 3, 3].into_iter().enumerate() {
            memo.insert(key, Value::Int(step as i64));
        }
        let values = [0, 1, 2, 3, 4].map(|key| int(memo.get(key)));
        assert_eq!(values, [Some(4), Some(2), Some(3), Some(6), None]);
        assert_eq!(memo.len(), 4);
    }
}
