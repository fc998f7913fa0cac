//! Texts of JSON and what they mean, in both directions.

use super::*;
use crate::wire::{AnyValue, Reader, ScanError, Writer};

const LIMITS: ScanLimits = ScanLimits { depth: 8, elements: 40 };

fn msgpack(value: &AnyValue) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes);
    writer.set_any_float(true);
    value.encode(&mut writer);
    bytes
}

fn to_json(value: &AnyValue) -> String {
    let mut out = Vec::new();
    write::value(&msgpack(value), &mut out).expect("JSON can say it");
    String::from_utf8(out).expect("JSON is text")
}

fn from_json(text: &str, limits: ScanLimits) -> Result<AnyValue, EncodingError> {
    let mut out = Vec::new();
    read::datagram(format!("[{text}]").as_bytes(), limits, &mut out)?;
    let mut reader = Reader::new(&out);
    reader.set_any_float(true);
    let value = AnyValue::decode(&mut reader).expect("what is written is msgpack");
    assert!(reader.is_empty(), "one value is written");
    Ok(value)
}

fn text(text: &str) -> AnyValue {
    AnyValue::Text(text.to_owned())
}

#[test]
fn every_value_has_one_form_and_comes_back_from_it() {
    let map = |key| AnyValue::Map(vec![(key, AnyValue::Nil)]);
    let values = [
        (AnyValue::Nil, "null"),
        (AnyValue::Bool(true), "true"),
        (AnyValue::Integer(-5), "-5"),
        (AnyValue::Integer(MAX_SAFE), "9007199254740991"),
        (AnyValue::Integer(MAX_SAFE + 1), r#""$int:9007199254740992""#),
        (AnyValue::Integer(u64::MAX.into()), r#""$int:18446744073709551615""#),
        (AnyValue::Integer(i64::MIN.into()), r#""$int:-9223372036854775808""#),
        (AnyValue::Float(2.0), "2.0"),
        (AnyValue::Float(-0.0), "-0.0"),
        (AnyValue::Float(1e300), "1e300"),
        (AnyValue::Float(0.1_f32.into()), "0.10000000149011612"),
        (AnyValue::Float(5e-324), "5e-324"),
        (AnyValue::Float(f64::INFINITY), r#""$inf""#),
        (AnyValue::Float(f64::NEG_INFINITY), r#""$-inf""#),
        (text("\"\n\u{1F600}"), "\"\\\"\\n\u{1F600}\""),
        (text(""), r#""""#),
        (text("$"), r#""$$""#),
        (text("$base64:AAAA"), r#""$$base64:AAAA""#),
        (text("$$"), r#""$$$""#),
        (AnyValue::Bytes(vec![0x12, 0x34, 0x56, 0x78]), r#""$base64:EjRWeA==""#),
        (AnyValue::Bytes(Vec::new()), r#""$base64:""#),
        (AnyValue::Array(vec![]), "[]"),
        (AnyValue::Array(vec![text("$map"), AnyValue::Integer(1)]), r#"["$$map",1]"#),
        (AnyValue::Map(vec![]), "{}"),
        (map(text("k")), r#"{"k":null}"#),
        (map(text("$serde_json::private::Number")), r#"{"$$serde_json::private::Number":null}"#),
        (map(AnyValue::Integer(5)), r#"["$map",[5,null]]"#),
        (map(map(AnyValue::Bool(false))), r#"["$map",[["$map",[false,null]],null]]"#),
    ];
    for (value, json) in values {
        assert_eq!(to_json(&value), json);
        assert_eq!(from_json(json, LIMITS), Ok(value), "{json}");
    }
    assert_eq!(to_json(&AnyValue::Float(f64::NAN)), r#""$nan""#);
    assert!(matches!(from_json(r#""$nan""#, LIMITS), Ok(AnyValue::Float(value)) if value.is_nan()));
}

#[test]
fn what_others_write_is_read_too() {
    let read = |json| from_json(json, LIMITS);
    assert_eq!(read("18446744073709551615"), Ok(AnyValue::Integer(u64::MAX.into())));
    assert_eq!(read(r#" "$int:5" "#), Ok(AnyValue::Integer(5)));
    assert_eq!(read(r#""\u0024\u0024x""#), Ok(text("$x")));
    assert_eq!(read(r#"["$map"]"#), Ok(AnyValue::Map(vec![])));
    assert_eq!(read(r#"{"$serde_json::private::Number":"-7"}"#), Ok(AnyValue::Integer(-7)));
    assert_eq!(read(r#"{"$serde_json::private::Number":"1.5"}"#), Ok(AnyValue::Float(1.5)));
}

#[test]
fn what_means_nothing_is_refused() {
    let words = |json: &str| from_json(json, LIMITS).expect_err(json).to_string();
    for json in [
        r#""$x""#,
        r#""$base64:!""#,
        r#""$base64:EjRWeA""#,
        r#""$int:""#,
        r#""$int:18446744073709551616""#,
        r#""$int:1.5""#,
    ] {
        assert!(words(json).starts_with("a text that begins with one $"), "{json}: {}", words(json));
    }
    assert!(words(r#"{"$map":1}"#).starts_with("a key that begins with one $"));
    assert!(words(r#"[1,"$map"]"#).starts_with("the mark of a map"));
    assert!(words(r#"{"a":"$map"}"#).starts_with("the mark of a map"));
    assert!(words(r#""$map""#).starts_with("a message is an array"));
    for json in [
        r#"["$map",1]"#,
        r#"["$map",[1]]"#,
        r#"["$map",[1,2,3]]"#,
        r#"{"$serde_json::private::Number":"inf"}"#,
        r#"{"$serde_json::private::Number":"1","a":1}"#,
        r#"{"a":1,"$serde_json::private::Number":"1"}"#,
        "1e999",
        "nul",
        "[1",
        "1] [2",
        "\"\u{1}\"",
    ] {
        assert!(matches!(from_json(json, LIMITS), Err(EncodingError::Form(_))), "{json}");
    }
}

#[test]
fn the_limits_are_those_of_msgpack() {
    for (json, depth, elements) in
        [("[[[]]]", 2, 3), (r#"{"a":{"b":[1,2]}}"#, 3, 7), (r#"["$map",[[],[1]]]"#, 2, 4), ("1", 0, 1)]
    {
        let limits = ScanLimits { depth, elements };
        assert!(from_json(json, limits).is_ok(), "{json}");
        let fewer = ScanLimits { elements: elements - 1, ..limits };
        assert_eq!(from_json(json, fewer), Err(EncodingError::Limit(ScanError::TooManyElements)), "{json}");
        if depth > 0 {
            let flatter = ScanLimits { depth: depth - 1, ..limits };
            assert_eq!(from_json(json, flatter), Err(EncodingError::Limit(ScanError::TooDeep)), "{json}");
        }
    }
    let deep = "[".repeat(60_000);
    assert_eq!(from_json(&deep, LIMITS), Err(EncodingError::Limit(ScanError::TooDeep)));
}
