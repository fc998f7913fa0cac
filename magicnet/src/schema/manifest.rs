//! The manifest: a role's tables as the JSON that Python MagicNet loads ("marshalled signatures").
//!
//! A Python peer loads the manifests of the roles that it does not implement itself: for Python clients of a server of
//! ours that is `Manifest::of(&schema, Role::SERVER)`. Every manifest names all contracts, with an empty table where a
//! role has none, so that the numbers of types come out right whichever files a peer loads. The peer needs a class for
//! each of them, if only an empty one: both Python versions raise an `AttributeError` for a name without.
//!
//! # What Python makes of it
//!
//! 0.0.3 and 0.0.7 use names, places and the persist flag. They check arguments when they come, by the signatures of
//! their own views; what a manifest says of types, they load and never ask. It is written all the same so that it
//! loads in both and is right where it is asked.
//!
//! The flag says what a Python peer keeps. Calls that servers answer have it: what is called before an object is made
//! goes with the request to make it, and only from what is kept. Calls that clients answer have it where they say
//! `persist = ram`: a Python server replays them to those who come later, as ours does.
//!
//! | ours | typehint | what Python does not check |
//! |---|---|---|
//! | integers, `Ranged` | `int` with `Ge` and `Lt` | |
//! | `bool` | `int` from 0 to 1: a hint `bool` does not load | |
//! | `f32`, `f64` | `float` | the width; an integer is refused |
//! | `Str`, `Bytes` | `str`, `bytes` with `MaxLen` | |
//! | `List` | `list` of the hint | the length: `MaxLen` on a list raises an error in Python |
//! | `Map` | `dict` of the hints; keys that are not text load, and no Python peer reads them | the length |
//! | tuples, structs | `tuple` of the hints | |
//! | structs with defaults | a `Union` of a `tuple` for each length | |
//! | structs that may be empty | a bare `tuple` | the members |
//! | enums without data | `int` with `Ge` and `Lt` | |
//! | enums with data | a `Union` of a `tuple` for each variant, and for each of its lengths | |
//! | `Option`, `Value` | `any`: `None` does not load, and a `Union` refuses equal numbers in a list | everything |
//! | rest | `is_variadic` | how many |
//!
//! A default that JSON cannot say (bytes, maps whose keys are not text) is left out: Python then takes the argument
//! for required. NaN and infinities are written as Python writes them, which other readers of JSON may refuse.
//! [`Manifest::warnings`] names every argument that Python peers cannot check, or that they may drop.

mod fits;
mod hint;

use magicnet_manifest::{Field, Json, Parameter as Item, Table, Tolerance};

use super::{FieldDescriptor, FieldKind, ObjectDescriptor, Parameter, Persist, Presence, Role, Schema};
use crate::wire::{AnyValue, Reader, Writer};

pub use fits::{NEVER, fits, parameter};
pub use magicnet_manifest::{Difference, ReadError as ManifestError};

/// One role's manifest: made from our contracts, or read from a file, such as Python's own.
#[derive(Clone, Debug)]
pub struct Manifest {
    file: magicnet_manifest::Manifest,
    warnings: Vec<String>,
}

impl Manifest {
    /// The manifest of `role`: its table of every contract.
    pub fn of(schema: &Schema, role: Role) -> Self {
        let mut made = Maker::default();
        let tables = schema.contracts.iter().map(|contract| made.table(contract, role)).collect();
        Self { file: magicnet_manifest::Manifest { tables }, warnings: made.warnings }
    }

    /// Reads a file that Python MagicNet wrote, or this library. Of what it is made there is no trace: Python's names
    /// of classes, for example, stay what they are.
    ///
    /// # Errors
    ///
    /// When it is no manifest, or has more than 4 MiB. The error names the object, the field and the parameter, and
    /// says what to do.
    pub fn from_json(file: impl AsRef<[u8]>) -> Result<Self, ManifestError> {
        let file = magicnet_manifest::Manifest::read(file.as_ref())?;
        let warnings = file.dangers();
        Ok(Self { file, warnings })
    }

    /// The file that Python loads, the same for the same schema.
    pub fn to_json(&self) -> String {
        self.file.to_json().write()
    }

    /// What Python peers cannot load, cannot check, or may drop: a sentence each, with the object, the field and the
    /// parameter.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How another file differs from this one, by object, field and parameter: for two versions of one side's file.
    /// `sides` are words for where something is, such as `["in old.json", "in new.json"]`.
    pub fn compare(&self, other: &Self, sides: [&str; 2]) -> Vec<Difference> {
        self.file.compare(&other.file, sides)
    }

    /// The tables of a file.
    pub(crate) fn tables(&self) -> &[Table] {
        &self.file.tables
    }
}

/// Two manifests are the same if their files are.
impl PartialEq for Manifest {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

/// Where what is said elsewhere of the role with this number differs from our contract: what would be misunderstood.
pub(crate) fn differences(contract: &ObjectDescriptor, theirs: &Table) -> Vec<Difference> {
    let role = contract.roles.iter().find(|role| role.number == theirs.role);
    let ours = match role {
        Some(role) => Maker::default().table(contract, role.role),
        // We have nothing of a role that we do not have.
        None => Table { object: contract.name.to_owned(), role: theirs.role, fields: Vec::new() },
    };
    ours.compare(theirs, ["here", "in the manifest"], Tolerance::Wire)
}

/// Makes tables, and collects what Python will not do with them.
#[derive(Default)]
struct Maker {
    warnings: Vec<String>,
}

impl Maker {
    fn table(&mut self, contract: &ObjectDescriptor, role: Role) -> Table {
        let table = contract.role(role);
        let fields = table.map_or(&[][..], |table| table.fields);
        Table {
            object: contract.name.to_owned(),
            role: table.map_or_else(|| unused_number(contract), |table| table.number),
            fields: fields.iter().map(|field| self.field(contract, field)).collect(),
        }
    }

    fn field(&mut self, contract: &ObjectDescriptor, field: &FieldDescriptor) -> Field {
        let place = Place { contract, field };
        let parameters = field.parameters.iter().map(|parameter| self.item(&place, parameter)).collect();
        if hint::may_hold_equal_values(field.parameters) {
            self.warnings.push(place.says(
                field.parameters,
                "0.0.3 with its validator drops a call in which two values are equal and small, such as [5, 5]",
            ));
        }
        let persists = match (field.kind, field.persist) {
            (
                FieldKind::Property { .. } | FieldKind::CallToServer { .. } | FieldKind::CallToBoth { .. },
                _,
            )
            | (_, Persist::Ram) => true,
            (FieldKind::CallToClients { .. }, Persist::None) => false,
        };
        Field { name: field.name.to_owned(), persists, parameters }
    }

    fn item(&mut self, place: &Place<'_>, parameter: &Parameter) -> Item {
        let mut warnings = hint::warnings(parameter);
        let default = match parameter.presence {
            Presence::Default(write) => {
                let value = default_value(write);
                if value.is_none() {
                    warnings
                        .push("its default cannot be said in JSON: Python takes it for required".to_owned());
                }
                value
            }
            Presence::Required | Presence::Rest { .. } => None,
        };
        let says = |warning: String| place.says(std::slice::from_ref(parameter), &warning);
        self.warnings.extend(warnings.into_iter().map(says));
        Item {
            name: parameter.name.to_owned(),
            hint: hint::of(parameter.shape),
            is_variadic: matches!(parameter.presence, Presence::Rest { .. }),
            default,
        }
    }
}

/// Where a warning belongs.
struct Place<'a> {
    contract: &'a ObjectDescriptor,
    field: &'a FieldDescriptor,
}

impl Place<'_> {
    fn says(&self, parameters: &[Parameter], warning: &str) -> String {
        let names: Vec<String> = parameters.iter().map(|it| format!("`{}`", it.name)).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        format!(
            "contract `{}`, field `{}`, parameter{plural} {}: {warning}",
            self.contract.name,
            self.field.name,
            names.join(", "),
        )
    }
}

/// A number for a role without a table: the lowest that no table has, so that loading it replaces none.
fn unused_number(contract: &ObjectDescriptor) -> u8 {
    let is_unused = |number: &u8| contract.roles.iter().all(|role| role.number != *number);
    (0..=u8::MAX).find(is_unused).unwrap_or(u8::MAX)
}

/// The default as JSON, if JSON can say it.
fn default_value(write: fn(&mut Writer<'_>)) -> Option<Json> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    let mut reader = Reader::new(&bytes);
    reader.set_any_float(true);
    json_of(AnyValue::decode(&mut reader).ok()?)
}

fn json_of(value: AnyValue) -> Option<Json> {
    Some(match value {
        AnyValue::Nil => Json::Null,
        AnyValue::Bool(value) => Json::Bool(value),
        AnyValue::Integer(value) => Json::Integer(value),
        AnyValue::Float(value) => Json::Float(value),
        AnyValue::Text(value) => Json::Text(value),
        AnyValue::Bytes(_) => return None,
        AnyValue::Array(values) => Json::Array(values.into_iter().map(json_of).collect::<Option<_>>()?),
        AnyValue::Map(entries) => {
            let entry = |(key, value)| match key {
                AnyValue::Text(key) => Some((key, json_of(value)?)),
                _ => None,
            };
            Json::Object(entries.into_iter().map(entry).collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests;
