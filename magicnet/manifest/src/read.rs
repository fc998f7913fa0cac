//! Reads a manifest out of JSON, and says what is wrong with one that is none.

use std::collections::HashSet;

use crate::hint::WITHOUT_ARGUMENTS;
use crate::{Field, Hint, Json, Manifest, Note, Parameter, ReadError, Table};

pub(crate) fn manifest(json: &Json) -> Result<Manifest, ReadError> {
    let Json::Object(entries) = json else {
        return Err(expected("the file", "an object with a table for each network name", json));
    };
    if entries.len() > MAX_OBJECTS {
        let count = entries.len();
        return Err(ReadError::new(format!(
            "there are {count} objects, more than their numbers allow: {MAX_OBJECTS}"
        )));
    }
    let mut tables = Vec::new();
    for (object, json) in entries {
        let table = name(object).and_then(|object| table(object, json));
        tables.push(table.map_err(|error| error.within("object", object))?);
    }
    // Of two with one name the last counts, as in Python.
    tables.reverse();
    tables.sort_by(|a: &Table, b| a.object.cmp(&b.object));
    tables.dedup_by(|a, b| a.object == b.object);
    Ok(Manifest { tables })
}

fn table(object: String, json: &Json) -> Result<Table, ReadError> {
    let role = integer(member(json, "object_role")?, "object_role")?;
    let Ok(role) = u8::try_from(role) else {
        return Err(ReadError::new(format!("`object_role` is {role}: number the roles from 0 to 255")));
    };
    let signatures = list(member(json, "signatures")?, "signatures")?;
    if signatures.len() > MAX_FIELDS {
        let count = signatures.len();
        return Err(ReadError::new(format!("a role has at most {MAX_FIELDS} fields, and this has {count}")));
    }
    let fields: Vec<Field> = signatures.iter().enumerate().map(field).collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    match fields.iter().find(|field| !seen.insert(&field.name)) {
        Some(twice) => Err(ReadError::new("is there twice: rename one").within("field", &twice.name)),
        None => Ok(Table { object, role, fields }),
    }
}

fn field((number, json): (usize, &Json)) -> Result<Field, ReadError> {
    let label = text(member(json, "n").map_err(|error| error.within("field", &number.to_string()))?, "n");
    let label = label.and_then(name).map_err(|error| error.within("field", &number.to_string()))?;
    let read = || {
        let flags = integer(member(json, "a")?, "a")?;
        let parameters = list(member(json, "f")?, "f")?;
        let parameters: Vec<Parameter> =
            parameters.iter().enumerate().map(parameter).collect::<Result<_, _>>()?;
        rest_is_last(&parameters)?;
        Ok(Field { name: label.clone(), persists: flags & PERSIST_IN_RAM != 0, parameters })
    };
    read().map_err(|error: ReadError| error.within("field", &label))
}

/// What Python's own syntax ensures.
fn rest_is_last(parameters: &[Parameter]) -> Result<(), ReadError> {
    let before = parameters.split_last().map_or(&[][..], |(_, before)| before);
    match before.iter().find(|parameter| parameter.is_variadic) {
        Some(rest) => {
            let what = "takes all values that are left: make it the last";
            Err(ReadError::new(what).within("parameter", &rest.name))
        }
        None => Ok(()),
    }
}

fn parameter((number, json): (usize, &Json)) -> Result<Parameter, ReadError> {
    let label =
        text(member(json, "name").map_err(|error| error.within("parameter", &number.to_string()))?, "name");
    let label = label.and_then(name).map_err(|error| error.within("parameter", &number.to_string()))?;
    let read = || {
        Ok(Parameter {
            name: label.clone(),
            hint: hint(member(json, "typehint")?, 0)?,
            is_variadic: match member(json, "is_variadic")? {
                Json::Bool(value) => *value,
                other => return Err(expected("`is_variadic`", "true or false", other)),
            },
            default: json.get("default_value").cloned(),
        })
    };
    read().map_err(|error: ReadError| error.within("parameter", &label))
}

fn hint(json: &Json, depth: usize) -> Result<Hint, ReadError> {
    if depth > MAX_DEPTH {
        return Err(ReadError::new(format!(
            "the typehint is nested deeper than {MAX_DEPTH}: make it flatter"
        )));
    }
    let base = name(text(member(json, "t")?, "t")?)?;
    let notes = match member(json, "m")? {
        Json::Null => None,
        notes => Some(list(notes, "m")?.iter().map(note).collect::<Result<_, _>>()?),
    };
    let arguments = match json.get("a") {
        _ if WITHOUT_ARGUMENTS.contains(&&base[..]) => Vec::new(),
        Some(arguments) => {
            list(arguments, "a")?.iter().map(|it| hint(it, depth + 1)).collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    Ok(Hint { base, notes, arguments })
}

fn note(json: &Json) -> Result<Note, ReadError> {
    let content = member(json, "d")?;
    match text(member(json, "t")?, "t")? {
        "av" => Ok(Note::Rule(text(content, "d")?.to_owned())),
        "pr" => Ok(Note::Remark(content.clone())),
        other => Err(ReadError::new(format!(
            "Python knows no annotation of the kind `{}`: it is `av` or `pr`",
            other.escape_debug()
        ))),
    }
}

fn member<'a>(json: &'a Json, key: &str) -> Result<&'a Json, ReadError> {
    if !matches!(json, Json::Object(_)) {
        return Err(expected("this", &format!("an object with `{key}`"), json));
    }
    json.get(key)
        .ok_or_else(|| ReadError::new(format!("`{key}` is missing: let Python write the file again")))
}

fn integer(json: &Json, key: &str) -> Result<i128, ReadError> {
    match json {
        Json::Integer(value) => Ok(*value),
        other => Err(expected(&format!("`{key}`"), "a whole number", other)),
    }
}

fn text<'a>(json: &'a Json, key: &str) -> Result<&'a str, ReadError> {
    match json {
        Json::Text(text) => Ok(text),
        other => Err(expected(&format!("`{key}`"), "text", other)),
    }
}

fn list<'a>(json: &'a Json, key: &str) -> Result<&'a [Json], ReadError> {
    match json {
        Json::Array(values) => Ok(values),
        other => Err(expected(&format!("`{key}`"), "a list", other)),
    }
}

fn expected(what: &str, kind: &str, found: &Json) -> ReadError {
    ReadError::new(format!("{what} is {kind}, and here it is {}", found.kind()))
}

/// A name that fits a line of an error.
fn name(name: &str) -> Result<String, ReadError> {
    match name.chars().count() {
        0 => Err(ReadError::new("a name is empty")),
        1..=MAX_NAME => Ok(name.to_owned()),
        len => Err(ReadError::new(format!("a name has {len} characters: use at most {MAX_NAME}"))),
    }
}

/// `SignatureFlags.PERSIST_IN_RAM`.
const PERSIST_IN_RAM: i128 = 1;

/// What a type's number can say.
const MAX_OBJECTS: usize = 1 << 16;

/// What a field's number can say.
const MAX_FIELDS: usize = 1 << 8;

/// Deeper than what a message may hold at all.
const MAX_DEPTH: usize = 16;

const MAX_NAME: usize = 256;

#[cfg(test)]
mod tests {
    use crate::Manifest;

    fn error(file: &str) -> String {
        Manifest::read(file.as_bytes()).expect_err("it is no manifest").to_string()
    }

    fn table(signatures: &str) -> String {
        format!(r#"{{"door": {{"object_role": 0, "signatures": [{signatures}]}}}}"#)
    }

    fn field(parameters: &str) -> String {
        table(&format!(r#"{{"n": "knock", "a": 1, "f": [{parameters}]}}"#))
    }

    #[test]
    fn what_was_read_is_what_is_written() {
        let file = |hint: &str| {
            field(&format!(
                r#"{{"name": "a", "typehint": {hint}, "is_variadic": false, "default_value": [NaN, 1.5]}}"#
            ))
        };
        for hint in [
            r#"{"t": "ell", "m": null, "a": [{"t": "int", "m": null, "a": []}]}"#,
            r#"{"t": "any", "m": [], "a": [{"t": "int", "m": null, "a": []}]}"#,
            r#"{"t": "list", "m": null, "a": [{"t": "hashable", "m": null}]}"#,
        ] {
            let read = Manifest::read(file(hint).as_bytes()).expect("it is a manifest");
            let again = Manifest::read(read.to_json().write().as_bytes()).expect("what we write is one");
            assert_eq!(read, again);
            assert_eq!(read.compare(&again, ["before", "after"]), []);
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (file, expected) in [
            (
                "[]".to_owned(),
                "the file is an object with a table for each network name, and here it is a list",
            ),
            (
                r#"{"door": 5}"#.to_owned(),
                "object `door`: this is an object with `object_role`, and here it is a number",
            ),
            (
                r#"{"door": {"object_role": 256, "signatures": []}}"#.to_owned(),
                "object `door`: `object_role` is 256: number the roles from 0 to 255",
            ),
            (table("{}"), "object `door`, field `0`: `n` is missing: let Python write the file again"),
            (
                table(r#"{"n": "x", "a": "1"}"#),
                "object `door`, field `x`: `a` is a whole number, and here it is text",
            ),
            (
                table(r#"{"n": "x", "a": 1, "f": []}, {"n": "x", "a": 1, "f": []}"#),
                "object `door`, field `x`: is there twice: rename one",
            ),
            (
                field(
                    r#"{"name": "a", "typehint": {"t": "int", "m": [{"t": "??", "d": ""}]}, "is_variadic": false}"#,
                ),
                "object `door`, field `knock`, parameter `a`: \
                 Python knows no annotation of the kind `??`: it is `av` or `pr`",
            ),
        ] {
            assert_eq!(error(&file), expected);
        }
    }

    #[test]
    fn a_rest_is_last() {
        let int = r#""typehint": {"t": "int", "m": null, "a": []}"#;
        let rest = format!(r#"{{"name": "a", {int}, "is_variadic": true}}"#);
        let other = format!(r#"{{"name": "b", {int}, "is_variadic": false}}"#);
        assert_eq!(
            error(&field(&format!("{rest}, {other}"))),
            "object `door`, field `knock`, parameter `a`: takes all values that are left: make it the last"
        );
        assert!(Manifest::read(field(&format!("{other}, {rest}")).as_bytes()).is_ok());
    }

    #[test]
    fn nothing_is_nested_without_end() {
        let deep = r#"{"t": "list", "m": null, "a": ["#.repeat(20) + &"]}".repeat(20);
        let file = field(&format!(r#"{{"name": "a", "typehint": {deep}, "is_variadic": false}}"#));
        assert!(
            error(&file).ends_with("the typehint is nested deeper than 16: make it flatter"),
            "{}",
            error(&file)
        );
    }
}
