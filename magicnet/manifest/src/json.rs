//! JSON as Python's `json` writes it: `NaN` and infinities are numbers, integers have any length.

use std::fmt::Write as _;

use crate::ReadError;

/// A value of JSON.
#[derive(Clone, Debug)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without a fraction. What needs more than 128 bits is a [`Float`](Self::Float).
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// `[...]`
    Array(Vec<Self>),
    /// `{...}`, in the order of the file; of a key that is there twice the last one counts.
    Object(Vec<(String, Self)>),
}

/// Two values are the same if they are written the same: NaN is NaN.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => {
                one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan()
            }
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Array(one), Self::Array(other)) => one == other,
            (Self::Object(one), Self::Object(other)) => one == other,
            _ => false,
        }
    }
}

impl Json {
    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// With the line and the column, when it is no JSON, larger than 4 MiB or nested deeper than 64.
    pub fn read(file: &[u8]) -> Result<Self, ReadError> {
        if file.len() > MAX_FILE {
            return Err(ReadError::new(format!("the file has {} bytes, more than {MAX_FILE}", file.len())));
        }
        let text = std::str::from_utf8(file).map_err(|error| {
            let (line, column) = place(file, error.valid_up_to());
            ReadError::new(format!("line {line}, column {column}: this is no text in UTF-8"))
        })?;
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0).and_then(|value| parser.end().map(|()| value));
        value.map_err(|what| {
            let (line, column) = place(file, parser.at);
            ReadError::new(format!("line {line}, column {column}: {what}"))
        })
    }

    /// The file, indented by two spaces.
    pub fn write(&self) -> String {
        let mut file = String::new();
        self.write_to(&mut file, 0);
        file
    }

    /// What an object has under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// What it is, for errors.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    fn write_to(&self, file: &mut String, depth: usize) {
        match self {
            Self::Null => file.push_str("null"),
            Self::Bool(value) => file.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => put(file, format_args!("{value}")),
            Self::Float(value) if value.is_nan() => file.push_str("NaN"),
            Self::Float(value) if value.is_infinite() => {
                file.push_str(if *value > 0.0 { "Infinity" } else { "-Infinity" });
            }
            Self::Float(value) => put(file, format_args!("{value:?}")),
            Self::Text(text) => write_text(file, text),
            Self::Array(values) => write_list(file, depth, ['[', ']'], values, |file, value| {
                value.write_to(file, depth + 1);
            }),
            Self::Object(entries) => write_list(file, depth, ['{', '}'], entries, |file, (key, value)| {
                write_text(file, key);
                file.push_str(": ");
                value.write_to(file, depth + 1);
            }),
        }
    }
}

fn put(file: &mut String, what: std::fmt::Arguments<'_>) {
    file.write_fmt(what).expect("a string takes all that is written to it");
}

fn write_text(file: &mut String, text: &str) {
    file.push('"');
    for char in text.chars() {
        match char {
            '"' => file.push_str("\\\""),
            '\\' => file.push_str("\\\\"),
            '\n' => file.push_str("\\n"),
            '\r' => file.push_str("\\r"),
            '\t' => file.push_str("\\t"),
            control if control < ' ' => put(file, format_args!("\\u{:04x}", u32::from(control))),
            other => file.push(other),
        }
    }
    file.push('"');
}

fn write_list<T>(
    file: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    members: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    file.push(open);
    for (index, member) in members.iter().enumerate() {
        file.push_str(if index == 0 { "\n" } else { ",\n" });
        file.extend(std::iter::repeat_n("  ", depth + 1));
        write(file, member);
    }
    if !members.is_empty() {
        file.push('\n');
        file.extend(std::iter::repeat_n("  ", depth));
    }
    file.push(close);
}

/// Line and column of a byte, from 1.
fn place(file: &[u8], at: usize) -> (usize, usize) {
    let before = &file[..at.min(file.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (line, before.len() - start + 1)
}

/// Where a parser is. An error is what is wrong at `at`.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next byte, behind spaces.
    fn peek(&mut self) -> Option<u8> {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.rest().bytes().next()
    }

    fn take(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    fn end(&mut self) -> Result<(), String> {
        if self.peek().is_some() {
            Err("there is something behind the end of the JSON".into())
        } else {
            Ok(())
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > MAX_DEPTH {
            return Err(format!("this is nested deeper than {MAX_DEPTH}"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(_) => self.word().map_or_else(|| self.number(), Ok),
            None => Err("the file ends here".into()),
        }
    }

    fn word(&mut self) -> Option<Json> {
        let words = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        words.into_iter().find_map(|(word, value)| self.take(word).then_some(value))
    }

    fn number(&mut self) -> Result<Json, String> {
        let is_part = |char: char| matches!(char, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
        let rest = self.rest();
        let number = &rest[..rest.find(|char| !is_part(char)).unwrap_or(rest.len())];
        let begins = number.trim_start_matches('-').starts_with(|char: char| char.is_ascii_digit());
        let value = match number.parse::<i128>() {
            _ if !begins => None,
            Ok(value) => Some(Json::Integer(value)),
            Err(_) => number.parse().ok().filter(|value: &f64| value.is_finite()).map(Json::Float),
        };
        let value = value.ok_or("this is no value of JSON")?;
        self.at += number.len();
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Json, String> {
        let mut values = Vec::new();
        self.members(']', |parser| {
            values.push(parser.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Json::Array(values))
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        let mut entries = Vec::new();
        self.members('}', |parser| {
            if parser.peek() != Some(b'"') {
                return Err("here is a key in quotes missing".into());
            }
            let key = parser.string()?;
            if parser.peek() != Some(b':') {
                return Err("here is a `:` missing".into());
            }
            parser.at += 1;
            entries.push((key, parser.value(depth + 1)?));
            Ok(())
        })?;
        Ok(Json::Object(entries))
    }

    /// What stands between an opening bracket and `close`, with commas between.
    fn members(
        &mut self,
        close: char,
        mut member: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.at += 1;
        let mut is_first = true;
        loop {
            match self.peek() {
                Some(byte) if char::from(byte) == close && is_first => break,
                None => return Err(format!("the file ends here, before a `{close}`")),
                Some(_) => member(self)?,
            }
            is_first = false;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if char::from(byte) == close => break,
                _ => return Err(format!("here is a `,` or a `{close}` missing")),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// What stands in quotes.
    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(['"', '\\']).ok_or("this text has no end")?;
            text.push_str(&rest[..plain]);
            self.at += plain + 1;
            if rest[plain..].starts_with('"') {
                return Ok(text);
            }
            text.push(self.escaped()?);
        }
    }

    /// What comes behind a backslash.
    fn escaped(&mut self) -> Result<char, String> {
        let char = self.rest().chars().next().ok_or("this text has no end")?;
        self.at += char.len_utf8();
        Ok(match char {
            '"' | '\\' | '/' => char,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => self.unicode()?,
            _ => return Err(format!("`\\{}` stands for nothing", char.escape_debug())),
        })
    }

    /// Four digits, or twice four for what two halves stand for.
    fn unicode(&mut self) -> Result<char, String> {
        let mut units = vec![self.unit()?];
        if (0xd800..0xdc00).contains(&units[0]) && self.take("\\u") {
            units.push(self.unit()?);
        }
        let mut chars = char::decode_utf16(units);
        match (chars.next(), chars.next()) {
            (Some(Ok(char)), None) => Ok(char),
            _ => Err("this is half a character".into()),
        }
    }

    fn unit(&mut self) -> Result<u16, String> {
        let digits = self.rest().get(..4).filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let digits = digits.ok_or("`\\u` needs four digits")?;
        self.at += 4;
        u16::from_str_radix(digits, 16).map_err(|error| error.to_string())
    }
}

/// A contract takes about a kilobyte.
const MAX_FILE: usize = 4 << 20;

/// A typehint may be nested 16 times, with two levels of JSON for each.
const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json, String> {
        Json::read(text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_python_writes_is_read() {
        let values =
            read(r#" [null, true, -5, 1.5, 1e3, "a\"\n\u00e4\ud83d\ude00", NaN, -Infinity, [], {}] "#);
        let Ok(Json::Array(values)) = values else { panic!("{values:?}") };
        assert_eq!(values[2], Json::Integer(-5));
        assert_eq!(values[3..5], [Json::Float(1.5), Json::Float(1000.0)]);
        assert_eq!(values[5], Json::Text("a\"\nä😀".into()));
        assert!(matches!(values[6], Json::Float(value) if value.is_nan()));
        assert_eq!(values[7..], [Json::Float(f64::NEG_INFINITY), Json::Array(vec![]), Json::Object(vec![])]);
    }

    #[test]
    fn the_last_of_two_values_counts_as_in_python() {
        assert_eq!(read(r#"{"a": 1, "a": 2}"#).unwrap().get("a"), Some(&Json::Integer(2)));
    }

    #[test]
    fn an_integer_too_long_is_a_float() {
        assert!(matches!(read(&"9".repeat(50)), Ok(Json::Float(value)) if value > 9e49));
        assert!(read(&"9".repeat(500)).is_err(), "no number at all");
    }

    #[test]
    fn what_is_written_is_read() {
        let text = concat!(
            "{\n  \"a\": [\n    1,\n    2.0,\n    \"\\\"\\\\\\n\\u0001\"\n  ],\n",
            "  \"b\": {},\n  \"c\": -Infinity\n}"
        );
        assert_eq!(read(text).unwrap().write(), text);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, error) in [
            ("", "line 1, column 1: the file ends here"),
            ("{\n \"a\" 1}", "line 2, column 6: here is a `:` missing"),
            ("[1 2]", "line 1, column 4: here is a `,` or a `]` missing"),
            ("[1,]", "line 1, column 4: this is no value of JSON"),
            ("{a: 1}", "line 1, column 2: here is a key in quotes missing"),
            ("\"abc", "line 1, column 2: this text has no end"),
            ("\"\\ud800\"", "line 1, column 8: this is half a character"),
            ("[] []", "line 1, column 4: there is something behind the end of the JSON"),
            ("+1", "line 1, column 1: this is no value of JSON"),
            ("[", "line 1, column 2: the file ends here, before a `]`"),
        ] {
            assert_eq!(read(text), Err(error.to_owned()), "{text}");
        }
        assert!(read(&"[".repeat(100_000)).unwrap_err().ends_with("this is nested deeper than 64"));
        assert!(Json::read(b"\"\xff\"").is_err());
        assert!(Json::read(&vec![b' '; MAX_FILE + 1]).is_err());
    }
}
