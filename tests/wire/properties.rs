//! What holds for every value: it comes back from its bytes, and the bytes are those of another implementation.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Cursor;

use magicnet::NetworkType;
use magicnet::wire::{
    AnyValue, Arguments, ArgumentsWriter, Bytes, Decode, DecodeError, List, Map, Member, MessageId,
    ProtocolMessage, Ranged, RawMessage, Reader, ScanError, ScanLimits, Shape, Str, Text, Value, Writer,
    encode_custom, scan_message,
};
use magicnet_tests::fuzz::{
    fuzz_arguments, fuzz_datagram, fuzz_fingerprint, fuzz_frame, fuzz_manifest, survives,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize, Serializer};

/// The value survives, and `plain`, which is it in the types of `std`, has the same bytes by `rmp-serde`.
fn agrees<T, P>(value: &T, plain: &P)
where
    T: for<'a> Decode<'a> + PartialEq + Debug,
    P: Serialize,
{
    let expected = rmp_serde::to_vec(plain).expect("what we send can be serialized");
    assert_eq!(survives(value), expected, "{value:?}");
}

/// Numbers near the places where msgpack takes another form, as often as any.
fn number() -> impl Strategy<Value = i64> {
    let near = prop::sample::select(vec![
        0,
        31,
        32,
        127,
        128,
        255,
        256,
        32_767,
        32_768,
        65_535,
        65_536,
        1 << 31,
        1 << 32,
    ]);
    prop_oneof![
        any::<i64>(),
        (near, -2_i64..=2, any::<bool>()).prop_map(|(near, by, minus)| if minus {
            by - near
        } else {
            near + by
        }),
        Just(i64::MIN),
        Just(i64::MAX),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("NaN and infinities need `any_float`", |value| value.is_finite())
}

fn finite_f32() -> impl Strategy<Value = f32> {
    any::<f32>().prop_filter("NaN and infinities need `any_float`", |value| value.is_finite())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn integers(number in number(), wide: u64) {
        agrees(&number, &number);
        agrees(&wide, &wide);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any number will do")]
        {
            agrees(&(number as i8), &(number as i8));
            agrees(&(number as i16), &(number as i16));
            agrees(&(number as i32), &(number as i32));
            agrees(&(number as u8), &(number as u8));
            agrees(&(number as u16), &(number as u16));
            agrees(&(number as u32), &(number as u32));
            agrees(&(number as u64), &(number as u64));
        }
    }

    #[test]
    fn ranges(number in -5_i16..=300) {
        let value: Ranged<i16, -5, 300> = number.try_into().unwrap();
        agrees(&value, &number);
    }

    #[test]
    fn floats_and_booleans(wide in finite(), narrow in finite_f32(), flag: bool) {
        agrees(&wide, &wide);
        agrees(&narrow, &narrow);
        agrees(&flag, &flag);
    }

    #[test]
    fn integers_pass_as_floats_where_these_hold_them(number in -(1_i64 << 53)..=1 << 53) {
        let mut bytes = Vec::new();
        number.encode(&mut Writer::new(&mut bytes));
        #[expect(clippy::cast_precision_loss, reason = "the range is the one without a loss")]
        let float = number as f64;
        prop_assert_eq!(f64::decode(&mut Reader::new(&bytes)), Ok(float));
    }

    #[test]
    fn texts(text in "\\PC{0,40}") {
        let value: Str<40> = text.as_str().try_into().unwrap();
        agrees(&value, &text);
        let mut bytes = Vec::new();
        value.as_text().encode(&mut Writer::new(&mut bytes));
        let borrowed = Text::<40>::decode(&mut Reader::new(&bytes)).unwrap();
        prop_assert_eq!(borrowed.as_str(), text);
    }

    #[test]
    fn long_texts_and_bytes(size in prop::sample::select(vec![31, 32, 255, 256, 65_535, 65_536])) {
        let text = "x".repeat(size);
        agrees::<Str<65_536>, _>(&text.as_str().try_into().unwrap(), &text);
        agrees::<Bytes<65_536>, _>(&text.as_bytes().try_into().unwrap(), &Plain(&AnyValue::Bytes(text.into_bytes())));
    }

    #[test]
    fn a_text_one_character_too_long_is_refused(text in "\\PC{5}") {
        let mut bytes = Vec::new();
        Writer::new(&mut bytes).text(&text);
        prop_assert!(Str::<4>::decode(&mut Reader::new(&bytes)).is_err());
        prop_assert!(Str::<5>::decode(&mut Reader::new(&bytes)).is_ok());
        prop_assert!(Str::<4>::try_from(text.as_str()).is_err());
        prop_assert_eq!(Str::<4>::truncated(&text).chars().count(), 4);
    }

    #[test]
    fn lists(numbers in vec(number(), 0..40)) {
        let value: List<i64, 40> = numbers.clone().try_into().unwrap();
        agrees(&value, &numbers);
    }

    #[test]
    fn nested(
        rows in vec((any::<u8>(), prop::option::of("[a-c]{0,4}"), vec(finite(), 0..4)), 0..20),
        flag: Option<bool>,
    ) {
        let row = |(number, text, floats): &(u8, Option<String>, Vec<f64>)| {
            let text = text.as_ref().map(|text| Str::<4>::try_from(text.as_str()).unwrap());
            (*number, text, List::<f64, 4>::try_from(floats.clone()).unwrap())
        };
        let value: List<_, 20> = rows.iter().map(row).collect::<Vec<_>>().try_into().unwrap();
        agrees(&(value, flag), &(rows, flag));
    }

    #[test]
    fn structs(x in finite_f32(), label in prop::option::of("[a-z]{0,8}"), visits: u16) {
        let label_plain = label.clone();
        let label = label.map(|text| text.as_str().try_into().unwrap());
        agrees(&Marker { x, label, visits }, &(x, label_plain, visits));
    }

    #[test]
    fn structs_of_an_older_peer_have_their_defaults(x in finite_f32()) {
        let marker = |values: &[u8]| Marker::decode(&mut Reader::new(values));
        let mut bytes = vec![0x91];
        x.encode(&mut Writer::new(&mut bytes));
        prop_assert_eq!(marker(&bytes), Ok(Marker { x, label: None, visits: 7 }));
    }

    #[test]
    fn enums(choice in 0_u8..4, x in finite_f32(), name in "[a-z]{0,8}", stance in stance()) {
        let text = || Str::<8>::try_from(name.as_str()).unwrap();
        agrees(&stance, &(stance as u8));
        match choice {
            0 => agrees(&Order::Wait, &(0,)),
            1 => agrees(&Order::Walk { x, stance }, &(1, x, stance as u8)),
            2 => agrees(&Order::Say(text()), &(2, &name)),
            _ => agrees(
                &Order::Orders([Act::None, Act::Some(text())].into()),
                &(3, ((0,), (1, &name))),
            ),
        }
        let both = (Some(stance), List::from([stance, Stance::Lying]));
        agrees::<(Option<Stance>, List<Stance, 2>), _>(&both, &(stance as u8, (stance as u8, 2)));
    }

    #[test]
    fn variants_of_an_older_peer_have_their_defaults(x in finite_f32()) {
        let mut bytes = vec![0x92, 1];
        x.encode(&mut Writer::new(&mut bytes));
        let order = Order::decode(&mut Reader::new(&bytes));
        prop_assert_eq!(order, Ok(Order::Walk { x, stance: Stance::Sitting }));
    }

    #[test]
    fn a_variant_that_is_none_is_refused(number in 3_u8..) {
        let mut bytes = Vec::new();
        number.encode(&mut Writer::new(&mut bytes));
        prop_assert!(Stance::decode(&mut Reader::new(&bytes)).is_err());
        bytes.insert(0, 0x91);
        prop_assert!(Act::decode(&mut Reader::new(&bytes)).is_err());
    }

    #[test]
    fn any_bytes_are_an_enum_or_an_error(bytes in likely_bytes()) {
        let _ = Order::decode(&mut Reader::new(&bytes));
        let _ = Stance::decode(&mut Reader::new(&bytes));
    }

    #[test]
    fn maps(
        numbers in btree_map(number(), "[a-z]{0,4}", 0..20),
        texts in btree_map("\\PC{0,3}", any::<bool>(), 0..20),
    ) {
        let text = |it: &String| Str::<4>::try_from(it.as_str()).unwrap();
        let entries = numbers.iter().map(|(key, value)| (*key, text(value))).collect::<Vec<_>>();
        agrees::<Map<i64, Str<4>, 20>, _>(&entries.try_into().unwrap(), &numbers);
        let entries = texts.iter().map(|(key, value)| (text(key), *value)).collect::<Vec<_>>();
        let map: Map<Str<4>, bool, 20> = entries.try_into().unwrap();
        agrees(&map, &texts);
        for (key, value) in &texts {
            prop_assert_eq!(map.get(key.as_str()), Some(value));
        }
        agrees(&Map::<_, _, 2>::from([(Stance::Lying, map), (Stance::Standing, Map::new())]), &BTreeMap::from([
            (0, BTreeMap::new()),
            (2, texts),
        ]));
    }

    #[test]
    fn maps_come_in_any_order_and_no_key_comes_twice(
        entries in btree_map(any::<u16>(), any::<u8>(), 1..20)
            .prop_map(|it| it.into_iter().collect::<Vec<_>>())
            .prop_shuffle(),
    ) {
        let written = |entries: &[(u16, u8)]| {
            let mut bytes = Vec::new();
            let w = &mut Writer::new(&mut bytes);
            w.map(entries.len());
            for (key, value) in entries {
                key.encode(w);
                value.encode(w);
            }
            bytes
        };
        let read = |bytes: &[u8]| Map::<u16, u8, 20>::decode(&mut Reader::new(bytes));
        let map = read(&written(&entries)).unwrap();
        prop_assert_eq!(BTreeMap::from(map), entries.iter().copied().collect::<BTreeMap<_, _>>());
        let twice = [&entries[..], &entries[..1]].concat();
        prop_assert!(read(&written(&twice)).is_err());
    }

    #[test]
    fn maps_do_as_those_of_std(steps in vec((0_u8..12, any::<u8>(), any::<bool>()), 0..60)) {
        let (mut map, mut model) = (Map::<u8, u8, 8>::new(), BTreeMap::new());
        for (key, value, is_insert) in steps {
            if !is_insert {
                prop_assert_eq!(map.remove(&key), model.remove(&key));
            } else if model.len() < 8 || model.contains_key(&key) {
                prop_assert_eq!(map.insert(key, value), Ok(model.insert(key, value)));
            } else {
                prop_assert!(map.insert(key, value).is_err());
            }
            prop_assert!(map.iter().eq(model.iter()));
            prop_assert_eq!(map.get_mut(&key), model.get_mut(&key));
            prop_assert_eq!(map.contains_key(&key), model.contains_key(&key));
            prop_assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
        }
        map.retain(|key, value| { *value /= 2; key % 2 == 0 });
        model.retain(|key, value| { *value /= 2; key % 2 == 0 });
        prop_assert!((&map).into_iter().eq(&model));
        prop_assert_eq!(survives(&map), survives(&Map::<u8, u8, 8>::try_from(model).unwrap()));
    }

    #[test]
    fn any_bytes_are_a_map_or_an_error(bytes in likely_bytes()) {
        let _ = Map::<i8, List<Map<Str<4>, bool, 4>, 4>, 4>::decode(&mut Reader::new(&bytes));
    }

    #[test]
    fn values_of_any_type(value in any_value()) {
        if let Ok(value) = Value::<60_000>::try_from(value.clone()) {
            agrees(&value, &Plain(&value));
        }
        let mut bytes = Vec::new();
        value.encode(&mut Writer::new(&mut bytes));
        prop_assert_eq!(Value::<1>::try_from(value).is_ok(), bytes.len() == 1);
    }

    #[test]
    fn maps_keep_their_order(entries in btree_map("[a-z]{1,3}", any::<u8>(), 0..20)) {
        let entries: BTreeMap<String, u8> = entries;
        let value = AnyValue::Map(
            entries.iter().map(|(k, v)| (AnyValue::Text(k.clone()), AnyValue::Integer((*v).into()))).collect(),
        );
        agrees::<Value<60_000>, _>(&value.try_into().unwrap(), &entries);
    }

    #[test]
    fn answers_to_changes_of_zones(change: u32, zones in vec(any::<u32>(), 0..40)) {
        let mut list = Vec::new();
        List::<u32, 40>::try_from(zones.clone()).unwrap().encode(&mut Writer::new(&mut list));
        let mut bytes = Vec::new();
        ProtocolMessage::ZonesShown { change, zones: &list }.encode(&mut bytes);
        prop_assert_eq!(&bytes, &rmp_serde::to_vec(&(14, (change, &zones))).unwrap());
        for zone in zones {
            let mut bytes = Vec::new();
            ProtocolMessage::ZoneComplete { zone }.encode(&mut bytes);
            prop_assert_eq!(bytes, rmp_serde::to_vec(&(13, (zone,))).unwrap());
        }
    }

    #[test]
    fn heartbeats(number: u32, is_answer: bool) {
        let mut bytes = Vec::new();
        ProtocolMessage::Heartbeat { number, is_answer }.encode(&mut bytes);
        prop_assert_eq!(&bytes, &rmp_serde::to_vec(&(15, (number, is_answer))).unwrap());
        let read = ProtocolMessage::decode(&RawMessage::parse(&bytes).unwrap()).unwrap().unwrap();
        let ProtocolMessage::Heartbeat { number: read_number, is_answer: was_answer } = read else {
            panic!("{read:?} is no heartbeat");
        };
        prop_assert_eq!((read_number, was_answer), (number, is_answer));
    }

    #[test]
    fn messages_of_applications(id in 64_u64.., number: u32, text in "[a-z]{0,9}", rest in vec(any::<u8>(), 0..20)) {
        let rest: List<u8, 20> = rest.try_into().unwrap();
        let mut bytes = Vec::new();
        encode_custom(&mut Writer::new(&mut bytes), MessageId(id), |w| {
            ArgumentsWriter::open(w, 2 + rest.len())
                .put(&number)
                .put(&Str::<9>::try_from(text.as_str()).unwrap())
                .put_rest(&rest);
        });
        let raw = RawMessage::parse(&bytes).unwrap();
        let mut params = raw.params.clone();
        prop_assert_eq!(raw.id.0, id);
        prop_assert_eq!(params.next::<u32>("number"), Ok(number));
        prop_assert_eq!(params.next::<Text<'_, 9>>("text").map(|it| it.as_str()), Ok(&text[..]));
        prop_assert_eq!(params.rest::<u8, 20>("rest"), Ok(rest));
        prop_assert!(params.finish().is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        fuzz_frame(&bytes);
        fuzz_datagram(&bytes);
        fuzz_arguments(&bytes);
        fuzz_fingerprint(&bytes);
    }

    #[test]
    fn manifests_with_a_piece_of_them_changed_are_read_without_a_panic(
        at: prop::sample::Index,
        gone in 0_usize..20,
        new in prop::sample::select(
            vec!["", "[", "]", "{", "\"", ",", "null", "-1", "1e9", "256", "\\u0000", "[[[[", "x"],
        ),
    ) {
        let mut file = include_str!("manifests/server.json").to_owned();
        let start = at.index(file.len());
        file.replace_range(start..(start + gone).min(file.len()), new);
        fuzz_manifest(file.as_bytes());
    }

    #[test]
    fn announcements_are_read_without_a_panic(bytes in announcement()) {
        fuzz_fingerprint(&bytes);
    }

    #[test]
    fn values_end_where_another_implementation_has_their_end(
        bytes in prop_oneof![likely_bytes(), vec(any::<u8>(), 0..40)],
    ) {
        let theirs = len_by_serde(&bytes);
        match scan_message(&bytes, ScanLimits { depth: 64, elements: usize::MAX }) {
            Ok(len) => prop_assert_eq!(Some(len), theirs),
            Err(ScanError::Incomplete) => prop_assert_eq!(None, theirs),
            Err(ScanError::Foreign) => {}
            Err(error) => prop_assert!(false, "{} bytes cannot be {}", bytes.len(), error),
        }
        // Text that is not UTF-8 is what others take.
        if let Ok(value) = Reader::new(&bytes).raw_value(usize::MAX) {
            prop_assert_eq!(Some(value.len()), theirs);
        }
    }

    #[test]
    fn integers_are_what_another_implementation_reads(
        marker in prop_oneof![0xcc_u8..=0xd3, any::<u8>()],
        rest in vec(prop_oneof![Just(0), Just(0x7f), Just(0x80), Just(0xff), any::<u8>()], 0..9),
    ) {
        let bytes = [&[marker][..], &rest].concat();
        let signed = Reader::new(&bytes).integer(i64::MIN.into(), i64::MAX.into()).ok();
        prop_assert_eq!(signed, by_serde::<i64>(&bytes).map(i128::from));
        let unsigned = Reader::new(&bytes).integer(0, u64::MAX.into()).ok();
        prop_assert_eq!(unsigned, by_serde::<u64>(&bytes).map(i128::from));
        prop_assert_eq!(u64::decode(&mut Reader::new(&bytes)).ok(), by_serde(&bytes));
        prop_assert_eq!(i64::decode(&mut Reader::new(&bytes)).ok(), by_serde(&bytes));
        prop_assert_eq!(i16::decode(&mut Reader::new(&bytes)).ok(), by_serde(&bytes));
        prop_assert_eq!(u8::decode(&mut Reader::new(&bytes)).ok(), by_serde(&bytes));
    }

    #[test]
    fn a_message_passes_within_its_own_depth_and_number_of_values_and_no_less(value in any_value()) {
        let mut bytes = Vec::new();
        value.encode(&mut Writer::new(&mut bytes));
        let (depth, elements) = measures(&value);
        let scan = |depth, elements| scan_message(&bytes, ScanLimits { depth, elements });
        prop_assert_eq!(scan(depth, elements), Ok(bytes.len()));
        prop_assert_eq!(scan(64, elements - 1), Err(ScanError::TooManyElements));
        if depth > 0 {
            prop_assert_eq!(scan(depth - 1, elements), Err(ScanError::TooDeep));
        }
    }

    #[test]
    fn bytes_that_look_like_values_are_read_without_a_panic(bytes in likely_bytes()) {
        fuzz_datagram(&bytes);
        fuzz_arguments(&bytes);
        fuzz_arguments(&[&[0x93][..], &bytes].concat());
        fuzz_datagram(&[&[0x92, 10, 0x94, 1, 1, 1][..], &bytes].concat());
        fuzz_datagram(&[&[0x92, 6, 0x95, 1, 1, 1, 1][..], &bytes].concat());
        fuzz_datagram(&[&[0x92, 5, 0x92, 0xa1, b'x'][..], &bytes].concat());
        fuzz_datagram(&[&[0x92, 13, 0x91][..], &bytes].concat());
        fuzz_datagram(&[&[0x92, 14, 0x92, 1][..], &bytes].concat());
    }
}

/// The value at the start of `bytes`, if `rmp-serde` finds one.
fn by_serde<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Option<T> {
    T::deserialize(&mut rmp_serde::Deserializer::new(bytes)).ok()
}

/// How long the value at the start of `bytes` is to `rmp-serde`.
fn len_by_serde(bytes: &[u8]) -> Option<usize> {
    let mut reader = rmp_serde::Deserializer::new(Cursor::new(bytes));
    IgnoredAny::deserialize(&mut reader).ok()?;
    usize::try_from(reader.position()).ok()
}

/// How deep the containers of a value are nested that hold anything, and how many values it is.
fn measures(value: &AnyValue) -> (usize, usize) {
    let members: Vec<&AnyValue> = match value {
        AnyValue::Array(values) => values.iter().collect(),
        AnyValue::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
        _ => Vec::new(),
    };
    members
        .iter()
        .map(|member| measures(member))
        .fold((0, 1), |(depth, elements), (inner, more)| (depth.max(inner + 1), elements + more))
}

/// Runs of markers, short lengths and contents: they nest and end as values do, more often than any bytes would.
fn likely_bytes() -> impl Strategy<Value = Vec<u8>> {
    let marker = prop_oneof![
        4 => 0x90_u8..=0x94,
        1 => 0x80_u8..=0x83,
        3 => 0xa0_u8..=0xa4,
        4 => 0xc0_u8..=0xdf,
        4 => 0_u8..=3,
        1 => 0xe0_u8..=0xff,
        2 => prop::sample::select(vec![b'a', b'z', 0xc3, 0xa4]),
    ];
    vec(marker, 0..60)
}

/// What looks like a fingerprint, with names, numbers and hashes by chance.
fn announcement() -> impl Strategy<Value = Vec<u8>> {
    let name = || "[a-z\n\u{202e}]{0,70}";
    let role = (0_u16..300, name(), vec(any::<u8>(), 0..20)).prop_map(|(number, name, hashes)| {
        AnyValue::Array(vec![AnyValue::Integer(number.into()), AnyValue::Text(name), AnyValue::Bytes(hashes)])
    });
    let contract = (name(), any::<u64>(), vec(role, 0..4)).prop_map(|(name, hash, roles)| {
        AnyValue::Array(vec![AnyValue::Text(name), AnyValue::Integer(hash.into()), AnyValue::Array(roles)])
    });
    let message = (any::<u64>(), name(), any::<u64>()).prop_map(|(id, name, hash)| {
        AnyValue::Array(vec![
            AnyValue::Integer(id.into()),
            AnyValue::Text(name),
            AnyValue::Integer(hash.into()),
        ])
    });
    (vec(contract, 0..5), vec(message, 0..5), any::<bool>()).prop_map(|(contracts, messages, is_longer)| {
        let mut all = vec![AnyValue::Integer(1), AnyValue::Array(contracts), AnyValue::Array(messages)];
        all.extend(is_longer.then_some(AnyValue::Nil));
        let mut bytes = Vec::new();
        AnyValue::Array(all).encode(&mut Writer::new(&mut bytes));
        bytes
    })
}

pub(crate) fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(AnyValue::Nil),
        any::<bool>().prop_map(AnyValue::Bool),
        number().prop_map(|value| AnyValue::Integer(value.into())),
        any::<u64>().prop_map(|value| AnyValue::Integer(value.into())),
        finite().prop_map(AnyValue::Float),
        "\\PC{0,40}".prop_map(AnyValue::Text),
        vec(any::<u8>(), 0..40).prop_map(AnyValue::Bytes),
    ];
    leaf.prop_recursive(5, 60, 18, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..18).prop_map(AnyValue::Array),
            vec((inner.clone(), inner), 0..18).prop_map(AnyValue::Map),
        ]
    })
}

/// A struct as `#[derive(NetworkType)]` makes it: its last two members may be missing.
#[derive(Clone, Debug, PartialEq)]
struct Marker {
    x: f32,
    label: Option<Str<8>>,
    visits: u16,
}

impl NetworkType for Marker {
    const SHAPE: &'static Shape = &Shape::Struct {
        name: "Marker",
        members: &[
            Member { name: "x", shape: f32::SHAPE, has_default: false },
            Member { name: "label", shape: <Option<Str<8>>>::SHAPE, has_default: true },
            Member { name: "visits", shape: u16::SHAPE, has_default: true },
        ],
    };
    const MAX_SIZE: usize = 1 + f32::MAX_SIZE + <Option<Str<8>>>::MAX_SIZE + u16::MAX_SIZE;

    fn encode(&self, w: &mut Writer<'_>) {
        ArgumentsWriter::open(w, 3).put(&self.x).put(&self.label).put(&self.visits);
    }
}

impl<'de> Decode<'de> for Marker {
    fn decode(r: &mut Reader<'de>) -> Result<Self, DecodeError> {
        Arguments::nested(r, |members| {
            Ok(Self {
                x: members.next("x")?,
                label: members.next_or("label", || None)?,
                visits: members.next_or("visits", || 7)?,
            })
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, NetworkType)]
enum Stance {
    Standing,
    Sitting,
    Lying,
}

fn stance() -> impl Strategy<Value = Stance> {
    prop::sample::select(vec![Stance::Standing, Stance::Sitting, Stance::Lying])
}

#[derive(Debug, PartialEq, NetworkType)]
enum Order {
    Wait,
    Walk {
        x: f32,
        #[arg(default = Stance::Sitting)]
        stance: Stance,
    },
    Say(Str<8>),
    Orders(List<Act, 2>),
}

#[derive(Debug, PartialEq, NetworkType)]
enum Act {
    None,
    Some(Str<8>),
}

/// A value of any type, as `serde` sees it.
struct Plain<'a>(&'a AnyValue);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AnyValue::Nil => to.serialize_unit(),
            AnyValue::Bool(value) => to.serialize_bool(*value),
            AnyValue::Integer(value) => match u64::try_from(*value) {
                Ok(value) => to.serialize_u64(value),
                Err(_) => to.serialize_i64((*value).try_into().expect("it has 64 bits")),
            },
            AnyValue::Float(value) => to.serialize_f64(*value),
            AnyValue::Text(value) => to.serialize_str(value),
            AnyValue::Bytes(value) => to.serialize_bytes(value),
            AnyValue::Array(values) => to.collect_seq(values.iter().map(Plain)),
            AnyValue::Map(entries) => to.collect_map(entries.iter().map(|(k, v)| (Plain(k), Plain(v)))),
            other => unreachable!("a kind of value that the wire does not have: {other:?}"),
        }
    }
}
