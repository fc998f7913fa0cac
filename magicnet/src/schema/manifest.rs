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
//! | `List` | `list` of the hint | the length: `MaxLen` on a list raises a `TypeError` in Python |
//! | `Map` | `dict` of the hints; keys that are not text load, and no Python peer reads them | the length |
//! | tuples, structs | `tuple` of the hints | |
//! | structs with defaults | a `Union` of a `tuple` for each length | |
//! | structs that may be empty | a bare `tuple` | the members |
//! | enums without data | `int` with `Ge` and `Lt` | |
//! | enums with data | a `Union` of a `tuple` for each variant, and for each of its lengths | |
//! | `Option`, `Value` | `any`: `None` does not load, and a `Union` refuses equal numbers in a list | everything |
//! | rest | `is_variadic` | how many |
//!
//! A default that JSON cannot say (bytes, NaN and infinities, maps whose keys are not text) is left out: Python then
//! takes the argument for required. [`Manifest::warnings`] names every argument that Python peers cannot check, or
//! that they may drop.

mod hint;

use serde_json::{Map, Value as Json, json};

use super::{FieldDescriptor, FieldKind, ObjectDescriptor, Parameter, Persist, Presence, Role, Schema};
use crate::wire::{AnyValue, Reader, Writer};

/// One role's manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    contracts: Map<String, Json>,
    warnings: Vec<String>,
}

impl Manifest {
    /// The manifest of `role`: its table of every contract.
    pub fn of(schema: &Schema, role: Role) -> Self {
        let mut manifest = Self { contracts: Map::new(), warnings: Vec::new() };
        for contract in &schema.contracts {
            let table = manifest.table(contract, role);
            manifest.contracts.insert(contract.name.to_owned(), table);
        }
        manifest
    }

    /// The file that Python loads, the same for the same schema.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.contracts).expect("the keys are strings")
    }

    /// What Python peers cannot check, or may drop: a sentence each, with the contract, the field and the parameter.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn table(&mut self, contract: &ObjectDescriptor, role: Role) -> Json {
        let Some(table) = contract.role(role) else {
            return json!({"object_role": unused_number(contract), "signatures": []});
        };
        let signatures: Vec<Json> =
            table.fields.iter().map(|field| self.signature(contract, field)).collect();
        json!({"object_role": table.number, "signatures": signatures})
    }

    fn signature(&mut self, contract: &ObjectDescriptor, field: &FieldDescriptor) -> Json {
        let place = Place { contract, field };
        let parameters: Vec<Json> =
            field.parameters.iter().map(|parameter| self.item(&place, parameter)).collect();
        if hint::may_hold_equal_values(field.parameters) {
            self.warnings.push(place.says(
                field.parameters,
                "0.0.3 with its validator drops a call in which two values are equal and small, such as [5, 5]",
            ));
        }
        let flags = match (field.kind, field.persist) {
            (
                FieldKind::Property { .. } | FieldKind::CallToServer { .. } | FieldKind::CallToBoth { .. },
                _,
            )
            | (_, Persist::Ram) => PERSIST_IN_RAM,
            (FieldKind::CallToClients { .. }, Persist::None) => 0,
        };
        json!({"n": field.name, "a": flags, "f": parameters})
    }

    fn item(&mut self, place: &Place<'_>, parameter: &Parameter) -> Json {
        let mut item = json!({
            "name": parameter.name,
            "typehint": hint::of(parameter.shape),
            "is_variadic": matches!(parameter.presence, Presence::Rest { .. }),
        });
        let mut warnings = hint::warnings(parameter);
        if let Presence::Default(write) = parameter.presence {
            match default_value(write) {
                Some(value) => item["default_value"] = value,
                None => warnings
                    .push("its default cannot be said in JSON: Python takes it for required".to_owned()),
            }
        }
        let says = |warning: String| place.says(std::slice::from_ref(parameter), &warning);
        self.warnings.extend(warnings.into_iter().map(says));
        item
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
        AnyValue::Bool(value) => value.into(),
        AnyValue::Integer(value) => Json::Number(serde_json::Number::from_i128(value)?),
        AnyValue::Float(value) => Json::Number(serde_json::Number::from_f64(value)?),
        AnyValue::Text(value) => value.into(),
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

/// `SignatureFlags.PERSIST_IN_RAM`.
const PERSIST_IN_RAM: u8 = 1;

#[cfg(test)]
mod tests;
