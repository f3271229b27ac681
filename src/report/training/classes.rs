//! Names of classes in one line.

use crate::report::text::shown_name;

/// Lists the names beside the numbers of their outputs, the first `most` of them: `0 airplane, 1 automobile, … 9 truck`. `None`
/// where there are none, or each is but its number.
pub fn class_list(names: &[String], most: usize) -> Option<String> {
    let is_number = |(index, name): (usize, &String)| *name == index.to_string();
    if names.iter().enumerate().all(is_number) {
        return None;
    }
    let shown = |(index, name): (usize, &String)| format!("{index} {}", shown_name(name));
    let mut texts: Vec<String> = names.iter().enumerate().take(most).map(shown).collect();
    if texts.len() < names.len() {
        texts.push(format!("and {} more", names.len() - texts.len()));
    }
    Some(texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::class_list;

    /// Catches a name beside another output's number, and digits that are called by their own numbers.
    #[test]
    fn names_stand_beside_their_outputs() {
        let names = |texts: &[&str]| texts.iter().copied().map(String::from).collect::<Vec<_>>();
        let list = |texts: &[&str], most| class_list(&names(texts), most);
        assert_eq!(list(&["cat", "dog"], 2).as_deref(), Some("0 cat, 1 dog"));
        assert_eq!(
            list(&["1", "0", "2"], 2).as_deref(),
            Some("0 1, 1 0, and 1 more")
        );
        assert_eq!(list(&["0", "1", "2"], 9), None);
        assert_eq!(list(&[], 9), None);
    }
}
