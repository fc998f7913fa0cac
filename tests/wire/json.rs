//! Messages in JSON: whatever can be said comes back, other readers of JSON agree, and no text does harm.

use magicnet::MessageId;
use magicnet::wire::{AnyValue, Decoder, Encoder, Json, RawMessage, ScanLimits, Writer, encode_custom};
use magicnet_tests::fuzz::{LIMITS, fuzz_datagram, fuzz_json};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::properties::any_value;

/// A message of one parameter.
fn message(value: &AnyValue) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_custom(&mut Writer::new(&mut bytes), MessageId(64), |w| {
        w.set_any_float(true);
        w.array(1);
        value.encode(w);
    });
    bytes
}

fn json(message: &[u8]) -> String {
    let mut out = Vec::new();
    Json.encode(&RawMessage::parse(message).unwrap(), &mut out).unwrap();
    String::from_utf8(out).expect("JSON is text")
}

/// Texts that mean something, or nearly.
fn special() -> impl Strategy<Value = String> {
    let words =
        ["$", "$$", "$map", "$$map", "$int:", "$int:5", "$base64:", "$nan", "$inf", "$-inf", "$x", "5"];
    (prop::sample::select(words.to_vec()), "[$:=A-Za-z0-9]{0,6}")
        .prop_map(|(word, tail)| format!("{word}{tail}"))
}

/// Texts that are nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let words = [
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "\\",
        "$",
        "84",
        "null",
        "true",
        "-1",
        "1e5",
        "0.1",
        "\\u0024",
        "\\ud800",
        "[[84,[",
        "]]]",
        "\"$map\"",
        "\"$int:7\"",
        "\"$base64:AAAA\"",
        "\"$serde_json::private::Number\":\"1\"",
        "\"a\":",
        " ",
        "\n",
    ];
    vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_come_back(value in any_value()) {
        fuzz_datagram(&message(&value));
    }

    #[test]
    fn floats_come_back_to_the_last_bit(bits: u64, short: u32) {
        for value in [f64::from_bits(bits), f32::from_bits(short).into()] {
            fuzz_datagram(&message(&AnyValue::Float(value)));
        }
    }

    #[test]
    fn texts_that_look_special_are_texts(text in special()) {
        let value = AnyValue::Map(vec![
            (AnyValue::Text(text.clone()), AnyValue::Text(text.clone())),
            (AnyValue::Text("list".to_owned()), AnyValue::Array(vec![AnyValue::Text(text)])),
        ]);
        fuzz_datagram(&message(&value));
    }

    #[test]
    fn another_reader_of_json_sees_the_same(text in "\\PC{0,20}", integer in -(1_i64 << 53) + 1..1 << 53, float: f64) {
        let values = vec![AnyValue::Text(text.clone()), AnyValue::Integer(integer.into()), AnyValue::Float(float)];
        let json = json(&message(&AnyValue::Array(values)));
        let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        let list = &read[1][0];
        prop_assume!(!text.starts_with('$'));
        prop_assert_eq!(list[0].as_str(), Some(&*text));
        prop_assert_eq!(list[1].as_i64(), Some(integer));
        if float.is_finite() {
            prop_assert_eq!(list[2].as_f64().map(f64::to_bits), Some(float.to_bits()));
        }
    }

    #[test]
    fn any_bytes_are_json_or_an_error(bytes in vec(any::<u8>(), 0..100), text in nearly_json()) {
        fuzz_json(&bytes);
        fuzz_json(text.as_bytes());
        fuzz_json(format!("[[84,[{text}]]]").as_bytes());
    }
}

#[test]
fn containers_with_many_members_at_every_depth_are_read() {
    // Each of 30 levels holds everything below it and some thousand values beside.
    let level = |inner: String| format!("[{}{inner}]", "[],".repeat(700));
    let deep = (0..30).fold("[]".to_owned(), |inner, _| level(inner));
    let mut messages = Vec::new();
    let limits = ScanLimits { depth: 64, elements: LIMITS.elements };
    Json.decode(format!("[[84,[{deep}]]]").as_bytes(), limits, &mut messages)
        .expect("it is within the limits");
    assert_eq!(messages.len(), 3 + 30 * (700 + 3) + 1);
}
