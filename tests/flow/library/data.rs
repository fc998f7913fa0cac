//! Values and their types: what is taken, and what is not.

use std::collections::BTreeMap;

use magicnet::prelude::*;
use magicnet::wire::Reader;
use magicnet::{AnyValue, Decode, Node};
use serde::Serialize;
use serde_json::{Value as Json, json};

/// What a value that another implementation of msgpack has written is as a `T`.
fn read<T: for<'a> Decode<'a>>(value: &impl Serialize) -> Result<T, String> {
    let bytes = rmp_serde::to_vec(value).expect("the wire has it");
    T::decode(&mut Reader::new(&bytes)).map_err(|error| error.to_string())
}

#[track_caller]
fn check<T: for<'a> Decode<'a>>(good: &Json, bad: &Json) {
    for value in good.as_array().expect("a list of values") {
        assert_eq!(read::<T>(value).err(), None, "{value}");
    }
    for value in bad.as_array().expect("a list of values") {
        assert!(read::<T>(value).is_err(), "{value}");
    }
}

#[test]
fn numbers_texts_and_bytes_keep_to_their_bounds() {
    check::<u8>(&json!([0, 128, 255]), &json!([-1, 256, 1000, "a", [250]]));
    check::<i8>(&json!([-128, 127]), &json!([-129, 128]));
    check::<u16>(&json!([0, 65_535]), &json!([-1, 65_536]));
    check::<i16>(&json!([-32_768, 32_767]), &json!([-32_769, 32_768]));
    check::<u32>(&json!([0, u32::MAX]), &json!([-1, 1_u64 << 32]));
    check::<i32>(&json!([i32::MIN, i32::MAX]), &json!([i64::from(i32::MIN) - 1, 1_u64 << 31]));
    check::<Str<16>>(&json!(["", "something"]), &json!(["a".repeat(17), 10, []]));
    check::<Bytes<16>>(&json!([]), &json!(["a", 10, []]));
    let bytes = |bytes: &[u8]| AnyValue::Bytes(bytes.to_vec());
    assert!(as_any::<Bytes<16>>(bytes(b"")) && as_any::<Bytes<16>>(bytes(b"something")));
    assert!(!as_any::<Bytes<16>>(bytes(&[b'a'; 17])) && !as_any::<Str<16>>(bytes(b"a")));
}

/// Whether a value of any type is a `T`.
fn as_any<T: for<'a> Decode<'a>>(value: AnyValue) -> bool {
    let mut bytes = Vec::new();
    value.encode(&mut magicnet::wire::Writer::new(&mut bytes));
    T::decode(&mut Reader::new(&bytes)).is_ok()
}

#[test]
fn a_value_of_any_type_is_a_tree_of_what_the_wire_has() {
    let good = json!([0, i64::MIN, u64::MAX, [0, 1, 2, 3, "a"], { "a": [1, 2, 3] }]);
    check::<Value<64>>(&good, &json!(["a".repeat(64)]));
    // Equal small numbers, which Python's checker takes for a list in itself.
    check::<Value<64>>(&json!([[5, 5], [[1], [1]]]), &json!([]));
    // What the wire has no word for cannot be made; what would go on for ever is cut off by its depth.
    assert!(Value::<64>::try_from(AnyValue::Integer(1 << 64)).is_err());
    let nested = (0..40).fold(AnyValue::Nil, |value, _| AnyValue::Array(vec![value]));
    assert!(Value::<64>::try_from(nested).is_err());
}

/// A list of numbers and texts, or a map from numbers to numbers: what Python spells with `|`.
fn is_one_of_both(value: &Value<64>) -> bool {
    use AnyValue::{Array, Integer, Map, Text};
    match &**value {
        Array(values) => values.iter().all(|value| matches!(value, Integer(_) | Text(_))),
        Map(entries) => entries.iter().all(|entry| matches!(entry, (Integer(_), Integer(_)))),
        _ => false,
    }
}

#[derive(NetworkType, Debug, PartialEq)]
struct OneOfBoth {
    #[arg(check = is_one_of_both)]
    value: Value<64>,
}

#[derive(NetworkType, Debug, PartialEq)]
enum Either {
    Words(List<Str<4>, 4>),
    Number(i32),
}

#[test]
fn a_union_is_an_enum_between_peers_of_ours_and_a_value_with_a_rule_for_python() {
    let numbers = |pairs: &[(i64, i64)]| BTreeMap::from_iter(pairs.iter().copied());
    assert!(read::<OneOfBoth>(&(numbers(&[(1, 2), (3, 4)]),)).is_ok());
    check::<OneOfBoth>(&json!([[["a", 1, 2, 3]]]), &json!([[[[]]], [{ "a": 1 }], [7]]));
    assert!(read::<OneOfBoth>(&(BTreeMap::from([(1, "a"), (3, "b")]),)).is_err());

    check::<Either>(&json!([[0, ["a", "b"]], [1, -7]]), &json!([[0, -7], [1, ["a"]], [2, 1], ["a"], 7]));
    assert_eq!(read::<Either>(&json!([1, -7])), Ok(Either::Number(-7)));
}

#[test]
fn tuples_have_their_length_and_lists_have_any() {
    check::<(i64, Str<4>)>(&json!([[1, ""]]), &json!([[1.5, ""], [1, "", ""], [1]]));
    check::<List<i64, 8>>(&json!([[1], [], [1, 2, 3]]), &json!([{ "1": 2 }, [""]]));
}

#[derive(NetworkType, Clone, Debug, Default, PartialEq)]
struct Plain {
    normal: i64,
    #[arg(default)]
    default: i64,
    #[arg(default)]
    list: List<i64, 4>,
}

#[test]
fn a_struct_is_filled_from_its_defaults_and_takes_nothing_else() {
    let plain = |default, list: &[i64]| {
        Ok(Plain { normal: 1, default, list: List::try_from(list.to_vec()).expect("it is short") })
    };
    assert_eq!(read(&json!([1])), plain(0, &[]));
    assert_eq!(read(&json!([1, 2])), plain(2, &[]));
    assert_eq!(read(&json!([1, 2, [1, 2, 3]])), plain(2, &[1, 2, 3]));
    check::<Plain>(&json!([]), &json!([[], [""], [1, 2, 3], [1, 2, [1, 2, 3], 4]]));
}

#[derive(NetworkType, Clone, Debug, PartialEq)]
struct Inner {
    value: i64,
}

#[derive(NetworkType, Clone, Debug, PartialEq)]
struct Outer {
    inner: Inner,
}

#[test]
fn structs_are_found_inside_of_everything() {
    let inner = |value| Inner { value };
    assert_eq!(read(&json!([1])), Ok(inner(1)));
    assert_eq!(read::<List<Inner, 4>>(&json!([[1], [2]])), Ok([inner(1), inner(2)].into()));
    let key: Str<4> = "a".try_into().expect("it is short");
    assert_eq!(read::<Map<Str<4>, Inner, 4>>(&json!({ "a": [1] })), Ok([(key, inner(1))].into()));
    assert_eq!(read(&json!([[1]])), Ok(Outer { inner: inner(1) }));
    check::<List<Inner, 4>>(&json!([]), &json!([[[1, 2]]]));
}

#[network_object(name = "signed_obj", create = anyone)]
mod signed {
    struct State {
        #[network_field(to = viewers)]
        pub kept: u8,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn to_server(&mut self, value: i8);
    }
    trait Client {
        fn to_client(&mut self, value: i8);
    }
}

#[derive(Default)]
struct SignedServer;

#[network_object]
impl signed::Server for SignedServer {
    fn to_server(&mut self, _: &mut signed::ServerCx<'_, Self>, _: i8) {}
}

#[derive(Default)]
struct SignedClient;

#[network_object]
impl signed::Client for SignedClient {
    fn to_client(&mut self, _: &mut signed::ClientCx<'_, Self>, _: i8) {}
}

#[test]
fn a_manifest_says_what_is_kept() {
    let flags = |manifest: magicnet::Manifest| -> Vec<(String, Json)> {
        let manifest: Json = serde_json::from_str(&manifest.to_json()).expect("it is JSON");
        let signatures = manifest["signed_obj"]["signatures"].as_array().expect("a list").clone();
        signatures
            .into_iter()
            .map(|it| (it["n"].as_str().expect("a name").to_owned(), it["a"].clone()))
            .collect()
    };
    let of = |name: &str, flag: u8| (name.to_owned(), json!(flag));
    let client = Node::client().view::<SignedClient>().manifest();
    assert_eq!(flags(client), [of("set_kept", 1), of("to_client", 0)]);
    // So that Python clients put it into a creation.
    let server = Node::server().view::<SignedServer>().manifest();
    assert_eq!(flags(server), [of("to_server", 1)]);
}
