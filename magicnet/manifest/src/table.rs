//! The model of a file: tables of objects, their fields and parameters; and how Python writes it.

use crate::hint::WITHOUT_ARGUMENTS;
use crate::{Hint, Json, Note, ReadError};

/// What one side of a network says of its objects: one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// One for each object, sorted by name.
    pub tables: Vec<Table>,
}

/// What one role of an object answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The object's name in the network.
    pub object: String,
    /// The role's number on the wire.
    pub role: u8,
    /// The fields; a field's place is its number on the wire.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Whether a Python server keeps its last arguments and tells them to those who come later.
    pub persists: bool,
    /// Its parameters; a variadic one is last.
    pub parameters: Vec<Parameter>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What its values are; each of them, if it is variadic.
    pub hint: Hint,
    /// Whether it takes all values that are left: `*name`.
    pub is_variadic: bool,
    /// What it is if it is left out, if it may be.
    pub default: Option<Json>,
}

impl Manifest {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it is no manifest; the error names the place and what to do.
    pub fn read(file: &[u8]) -> Result<Self, ReadError> {
        crate::read::manifest(&Json::read(file)?)
    }

    /// The file.
    pub fn to_json(&self) -> Json {
        let table = |table: &Table| (table.object.clone(), table.to_json());
        Json::Object(self.tables.iter().map(table).collect())
    }

    /// The table of an object.
    pub fn table(&self, object: &str) -> Option<&Table> {
        let place = self.tables.binary_search_by(|table| table.object.as_str().cmp(object)).ok()?;
        Some(&self.tables[place])
    }

    /// What is in danger when Python peers load this file, and who is: a sentence each.
    pub fn dangers(&self) -> Vec<String> {
        crate::danger::of(self)
    }
}

impl Table {
    fn to_json(&self) -> Json {
        object([
            ("object_role", Json::Integer(self.role.into())),
            ("signatures", Json::Array(self.fields.iter().map(Field::to_json).collect())),
        ])
    }
}

impl Field {
    /// As it reads in Python: `add_value(by: int32, *tags: s16)`.
    pub fn signature(&self) -> String {
        let parameters: Vec<String> = self.parameters.iter().map(Parameter::signature).collect();
        format!("{}({})", self.name, parameters.join(", "))
    }

    fn to_json(&self) -> Json {
        object([
            ("n", Json::Text(self.name.clone())),
            ("a", Json::Integer(self.persists.into())),
            ("f", Json::Array(self.parameters.iter().map(Parameter::to_json).collect())),
        ])
    }
}

impl Parameter {
    fn signature(&self) -> String {
        let star = if self.is_variadic { "*" } else { "" };
        let default =
            self.default.as_ref().map_or_else(String::new, |value| format!(" = {}", in_python(value)));
        format!("{star}{}: {}{default}", self.name, self.hint)
    }

    fn to_json(&self) -> Json {
        let mut item = vec![
            ("name", Json::Text(self.name.clone())),
            ("typehint", self.hint.to_json()),
            ("is_variadic", Json::Bool(self.is_variadic)),
        ];
        item.extend(self.default.clone().map(|value| ("default_value", value)));
        object(item)
    }
}

impl Hint {
    fn to_json(&self) -> Json {
        let note = |note: &Note| match note {
            Note::Rule(rule) => object([("t", Json::Text("av".into())), ("d", Json::Text(rule.clone()))]),
            Note::Remark(remark) => object([("t", Json::Text("pr".into())), ("d", remark.clone())]),
        };
        let notes = self.notes.as_ref().map(|notes| Json::Array(notes.iter().map(note).collect()));
        let mut hint = vec![("t", Json::Text(self.base.clone())), ("m", notes.unwrap_or(Json::Null))];
        if !WITHOUT_ARGUMENTS.contains(&&self.base[..]) {
            hint.push(("a", Json::Array(self.arguments.iter().map(Self::to_json).collect())));
        }
        object(hint)
    }
}

fn object(entries: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A default as Python says it.
fn in_python(value: &Json) -> String {
    match value {
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Float(value) if !value.is_finite() => format!("float(\"{value}\")"),
        Json::Integer(_) | Json::Float(_) | Json::Text(_) => value.write(),
        Json::Array(values) => {
            let values: Vec<String> = values.iter().map(in_python).collect();
            format!("[{}]", values.join(", "))
        }
        Json::Object(entries) => {
            let entry = |(key, value): &(String, Json)| format!("{key:?}: {}", in_python(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}
