//! The dictionary in an npy header, as `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}`.
//!
//! It is scanned once from left to right, without recursion; nothing in it is evaluated.

use super::error::Fault;
use super::escape::escape;

/// NumPy's own limit was 32 until version 2.
const MOST_DIMENSIONS: usize = 32;
/// Brackets within brackets in the description of a record.
const DEEPEST_RECORD: usize = 16;

#[derive(Debug)]
pub(super) struct Fields {
    pub(super) descr: String,
    pub(super) fortran: bool,
    pub(super) shape: Vec<u64>,
}

/// Offsets in faults count from the beginning of the text.
pub(super) fn read_dictionary(text: &[u8]) -> Result<Fields, Fault> {
    Scanner { text, at: 0 }.dictionary()
}

/// One pass over the text.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn dictionary(mut self) -> Result<Fields, Fault> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect(b'{', "a dictionary, which begins with {")?;
        while self.peek() != Some(b'}') {
            let at = self.at;
            let key = self.string("a quoted key")?;
            self.expect(b':', "a colon after the key")?;
            let twice = match key.as_str() {
                "descr" => descr.replace(self.descr()?).is_some(),
                "fortran_order" => fortran.replace(self.boolean()?).is_some(),
                "shape" => shape.replace(self.shape()?).is_some(),
                _ => {
                    return Err(Fault::malformed(format!(
                        "the header has the unknown key '{}'; descr, fortran_order and shape are \
                         known",
                        escape(&key)
                    ))
                    .at(at as u64));
                }
            };
            if twice {
                return Err(
                    Fault::malformed(format!("the header has the key '{key}' twice")).at(at as u64),
                );
            }
            if self.peek() != Some(b'}') {
                self.expect(b',', "a comma or }")?;
            }
        }
        self.at += 1;
        if self.peek().is_some() {
            return Err(self.found("nothing but spaces after the dictionary"));
        }
        let missing = |key| Fault::malformed(format!("the header lacks the key '{key}'")).at(0);
        Ok(Fields {
            descr: descr.ok_or_else(|| missing("descr"))?,
            fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    /// The next byte that is not a space.
    fn peek(&mut self) -> Option<u8> {
        let left = &self.text[self.at..];
        self.at += left.len() - left.trim_ascii_start().len();
        self.text.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.found(what));
        }
        self.at += 1;
        Ok(())
    }

    /// Returns the error for anything else than `wanted`.
    fn found(&mut self, wanted: &str) -> Fault {
        let found = match self.peek() {
            None => "its end".to_owned(),
            Some(_) => {
                let rest = &self.text[self.at..];
                let shown = String::from_utf8_lossy(&rest[..rest.len().min(24)]);
                format!("'{}'", escape(&shown))
            }
        };
        Fault::malformed(format!(
            "the header has {found} where {wanted} was expected; nothing in it is evaluated"
        ))
        .at(self.at as u64)
    }

    fn string(&mut self, what: &str) -> Result<String, Fault> {
        let quote = match self.peek() {
            Some(quote @ (b'\'' | b'"')) => quote,
            _ => return Err(self.found(what)),
        };
        let body = &self.text[self.at + 1..];
        match body.iter().position(|&byte| byte == quote) {
            Some(end) if !body[..end].contains(&b'\\') => {
                self.at += end + 2;
                Ok(String::from_utf8_lossy(&body[..end]).into_owned())
            }
            Some(_) => Err(self.found("a string without backslashes")),
            None => Err(self.found("a string that ends")),
        }
    }

    /// A type string, or the whole text of a record's description.
    fn descr(&mut self) -> Result<String, Fault> {
        if !matches!(self.peek(), Some(b'[' | b'(')) {
            return self.string("a type string");
        }
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'[' | b'(') => depth += 1,
                Some(b']' | b')') => depth -= 1,
                Some(b'\'' | b'"') => {
                    self.string("a string")?;
                    continue;
                }
                Some(b'0'..=b'9' | b',' | b'<' | b'>' | b'|') => {}
                _ => return Err(self.found("the description of a record")),
            }
            if depth >= DEEPEST_RECORD {
                return Err(self.found("a record of plain types"));
            }
            self.at += 1;
            if depth == 0 {
                return Ok(String::from_utf8_lossy(&self.text[start..self.at]).into_owned());
            }
        }
    }

    fn boolean(&mut self) -> Result<bool, Fault> {
        self.peek();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.found("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<u64>, Fault> {
        let mut shape = Vec::new();
        self.expect(b'(', "a tuple of dimensions")?;
        while self.peek() != Some(b')') {
            if shape.len() == MOST_DIMENSIONS {
                return Err(Fault::malformed(format!(
                    "the header declares more than {MOST_DIMENSIONS} dimensions"
                ))
                .at(self.at as u64));
            }
            shape.push(self.dimension()?);
            if self.peek() != Some(b')') {
                self.expect(b',', "a comma or ) after a dimension")?;
            } else if shape.len() == 1 {
                return Err(self.found("a comma, as in (5,),"));
            }
        }
        self.at += 1;
        Ok(shape)
    }

    fn dimension(&mut self) -> Result<u64, Fault> {
        self.peek();
        let start = self.at;
        let digits = self.text[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let wanted = "a dimension, an integer from 0 to 2^64 - 1,";
        let value = std::str::from_utf8(&self.text[start..start + digits])
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.found(wanted))?;
        self.at += digits;
        // Python 2 wrote long integers with an L.
        if self.text.get(self.at) == Some(&b'L') {
            self.at += 1;
        }
        match self.peek() {
            Some(b',' | b')') => Ok(value),
            _ => {
                self.at = start;
                Err(self.found(wanted))
            }
        }
    }
}
