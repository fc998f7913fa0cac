//! Fingerprints of contracts and messages written by hand.

use super::*;
use crate::schema::{
    Caller, Creator, FieldDescriptor, FieldKind, OwnerLeft, Parameter, Persist, Presence, Receiver, Role,
    Sender, Source, Via,
};
use crate::wire::{Member, NetworkType, Shape, Str, Value, Variant};

const HERE: Source = Source { file: "here.rs", line: 1 };

/// Descriptions live as long as the program; a test may leave some behind.
fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn parameter(shape: &'static Shape) -> Parameter {
    Parameter { name: "it", shape, presence: Presence::Required }
}

fn call(name: &'static str, shapes: &[&'static Shape]) -> FieldDescriptor {
    FieldDescriptor {
        name,
        kind: FieldKind::CallToServer { from: Caller::Anyone },
        persist: Persist::None,
        via: Via::Reliable,
        rate: None,
        parameters: keep(shapes.iter().map(|shape| parameter(shape)).collect::<Vec<_>>()),
    }
}

fn property(name: &'static str, shape: &'static Shape) -> FieldDescriptor {
    FieldDescriptor {
        name,
        kind: FieldKind::Property { property: 0, to: Receiver::Viewers, always: false, init: false },
        persist: Persist::Ram,
        via: Via::Reliable,
        rate: None,
        parameters: keep([parameter(shape)]),
    }
}

fn contract_with(name: &'static str, roles: Vec<RoleDescriptor>) -> &'static ObjectDescriptor {
    keep(ObjectDescriptor {
        name,
        create: Creator::Anyone,
        on_owner_left: OwnerLeft::Destroy,
        properties: &[],
        roles: keep(roles),
        source: HERE,
    })
}

fn contract(
    name: &'static str,
    client: Vec<FieldDescriptor>,
    server: Vec<FieldDescriptor>,
) -> &'static ObjectDescriptor {
    contract_with(name, vec![table(Role::CLIENT, 0, client), table(Role::SERVER, 1, server)])
}

fn table(role: Role, number: u8, fields: Vec<FieldDescriptor>) -> RoleDescriptor {
    RoleDescriptor { role, number, fields: keep(fields) }
}

fn message(id: u64, name: &'static str, shape: &'static Shape) -> &'static MessageDescriptor {
    keep(MessageDescriptor {
        id: MessageId(id),
        name,
        from: Sender::CLIENT,
        before_handshake: false,
        via: Via::Reliable,
        rate: None,
        parameters: keep([parameter(shape)]),
        source: HERE,
    })
}

fn one_number() -> &'static ObjectDescriptor {
    contract(
        "one-number",
        vec![property("set_current_value", i32::SHAPE)],
        vec![call("set_init_value", &[i32::SHAPE]), call("add_value", &[i32::SHAPE])],
    )
}

fn of(contracts: &[&'static ObjectDescriptor]) -> Fingerprint {
    Schema::new(contracts.to_vec(), Vec::new()).fingerprint()
}

fn encoded(fingerprint: &Fingerprint) -> Vec<u8> {
    let mut bytes = Vec::new();
    fingerprint.encode(&mut bytes);
    bytes
}

/// What the comparison says when theirs has travelled.
fn difference(ours: &Fingerprint, theirs: &Fingerprint) -> Mismatch {
    let theirs = Fingerprint::decode(&encoded(theirs)).expect("it was just encoded");
    ours.compare(&theirs).expect_err("they differ")
}

fn lines(ours: &Fingerprint, theirs: &Fingerprint) -> Vec<String> {
    let report = difference(ours, theirs).to_string();
    let mut lines = report.lines().map(str::to_owned);
    assert_eq!(lines.next().as_deref(), Some("the two sides were built from different schemas:"));
    lines.collect()
}

#[test]
fn a_schema_is_sorted_whatever_the_order_of_registration() {
    let (a, b) = (contract("a", vec![], vec![]), contract("b", vec![], vec![]));
    let (low, high) = (message(64, "Low", u8::SHAPE), message(99, "High", u8::SHAPE));
    let one = Schema::new(vec![a, b], vec![low, high]);
    let other = Schema::new(vec![b, a], vec![high, low]);
    assert_eq!(one.contracts[0].name, "a");
    assert_eq!(one.messages[0].id, MessageId(64));
    assert_eq!(one.fingerprint(), other.fingerprint());
}

#[test]
fn the_bytes_are_the_same_on_every_build_and_platform() {
    let schema = Schema::new(vec![one_number()], vec![message(65, "Say", Str::<256>::SHAPE)]);
    let hex: String = encoded(&schema.fingerprint()).iter().map(|byte| format!("{byte:02x}")).collect();
    // A change of this is a change of the wire: peers built before it are told that everything differs.
    assert_eq!(hex, GOLDEN);
}

const GOLDEN: &str = "c44b93019193aa6f6e652d6e756d626572cfaf98e28837467144929300a6636c69656e74c4049c71b96f\
    9301a6736572766572c4081cdef50a4664ef08919341a3536179cf46a95dd9d9cf78b3";

#[test]
fn a_fingerprint_survives_its_journey() {
    let schema = Schema::new(
        vec![one_number(), contract("door", vec![], vec![call("knock", &[])])],
        vec![message(65, "Say", Str::<256>::SHAPE), message(u64::MAX, "Last", Value::<9>::SHAPE)],
    );
    let ours = schema.fingerprint();
    let theirs = Fingerprint::decode(&encoded(&ours));
    assert_eq!(theirs.as_ref(), Ok(&ours));
    assert_eq!(ours.compare(&theirs.unwrap()), Ok(()));
    assert_eq!(Fingerprint::decode(&encoded(&Fingerprint::default())), Ok(Fingerprint::default()));
}

#[test]
fn what_one_side_decides_alone_makes_no_difference() {
    const MEMBERS: &[Member] = &[
        Member { name: "x", shape: u8::SHAPE, has_default: false },
        Member { name: "y", shape: f32::SHAPE, has_default: false },
    ];
    let point = Shape::Struct { name: "Point", members: MEMBERS };
    let field = |shape, presence, name| FieldDescriptor {
        parameters: keep([Parameter { name, shape, presence }]),
        ..call("move_to", &[])
    };
    let first = field(keep(point), Presence::Default(|w| w.nil()), "at");
    let second = field(<(u8, f32)>::SHAPE, Presence::Default(|w| w.unsigned(7)), "to");
    let theirs = ObjectDescriptor {
        create: Creator::Server,
        on_owner_left: OwnerLeft::Keep,
        source: Source { line: 99, ..HERE },
        ..*contract("door", vec![], vec![second])
    };
    assert_eq!(of(&[contract("door", vec![], vec![first])]), of(&[keep(theirs)]));
}

#[test]
fn every_part_that_both_must_agree_on_makes_a_difference() {
    const MEMBER: Member = Member { name: "x", shape: u8::SHAPE, has_default: false };
    const WITH_DEFAULT: Member = Member { has_default: true, ..MEMBER };
    let shapes: &[&'static Shape] = &[
        u8::SHAPE,
        i8::SHAPE,
        f32::SHAPE,
        f64::SHAPE,
        bool::SHAPE,
        Str::<1>::SHAPE,
        Str::<2>::SHAPE,
        crate::wire::Bytes::<1>::SHAPE,
        crate::wire::List::<u8, 1>::SHAPE,
        crate::wire::List::<u8, 2>::SHAPE,
        crate::wire::List::<i8, 2>::SHAPE,
        <(u8,)>::SHAPE,
        <(u8, u8)>::SHAPE,
        <((u8,), u8)>::SHAPE,
        <((u8, u8),)>::SHAPE,
        keep(Shape::Struct { name: "A", members: keep([WITH_DEFAULT]) }),
        keep(Shape::Struct { name: "A", members: keep([MEMBER, WITH_DEFAULT]) }),
        crate::wire::Map::<u8, i8, 1>::SHAPE,
        crate::wire::Map::<i8, u8, 1>::SHAPE,
        crate::wire::Map::<i8, u8, 2>::SHAPE,
        Option::<u8>::SHAPE,
        Value::<1>::SHAPE,
        Value::<2>::SHAPE,
    ];
    let mut fields: Vec<FieldDescriptor> = shapes.iter().map(|shape| property("it", shape)).collect();
    for presence in [Presence::Default(|w| w.nil()), Presence::Rest { max: 1 }, Presence::Rest { max: 2 }] {
        let parameters = keep([Parameter { presence, ..parameter(u8::SHAPE) }]);
        fields.push(FieldDescriptor { parameters, ..property("it", u8::SHAPE) });
    }
    for kind in [
        FieldKind::Property { property: 0, to: Receiver::Viewers, always: true, init: false },
        FieldKind::Property { property: 0, to: Receiver::Viewers, always: false, init: true },
        FieldKind::Property { property: 0, to: Receiver::Owner, always: false, init: false },
        FieldKind::Property { property: 0, to: Receiver::Server, always: false, init: false },
        FieldKind::CallToClients { to: Receiver::Viewers },
        FieldKind::CallToClients { to: Receiver::Owner },
        FieldKind::CallToServer { from: Caller::Owner },
        FieldKind::CallToServer { from: Caller::Anyone },
        FieldKind::CallToServer { from: Caller::Server },
        FieldKind::CallToServer { from: Caller::Accepted { by: "may" } },
    ] {
        fields.push(FieldDescriptor { kind, ..property("it", u8::SHAPE) });
    }
    fields.push(property("other", u8::SHAPE));
    fields.push(call("it", &[u8::SHAPE, u8::SHAPE]));
    fields.push(call("it", &[]));

    let count = fields.len();
    let mut hashes: Vec<u64> = fields.iter().map(hash::field).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), count);
}

#[test]
fn each_contract_that_differs_is_named() {
    let door = contract("door", vec![], vec![call("knock", &[])]);
    let bell = contract("bell", vec![], vec![]);
    assert_eq!(
        lines(&of(&[door, one_number()]), &of(&[one_number(), bell])),
        ["- contract `bell` is known there only", "- contract `door` is known here only",]
    );
}

#[test]
fn the_fields_that_differ_are_named() {
    let ours = contract(
        "door",
        vec![property("set_open", bool::SHAPE)],
        vec![call("knock", &[u8::SHAPE]), call("lock", &[]), call("ring", &[])],
    );
    let theirs = contract(
        "door",
        vec![property("set_open", bool::SHAPE), property("set_colour", u8::SHAPE)],
        vec![call("knock", &[u16::SHAPE]), call("ring", &[]), call("kick", &[])],
    );
    assert_eq!(
        lines(&of(&[ours]), &of(&[theirs])),
        [
            "- contract `door` differs: field 1 of `client` is known there only, field `knock` of `server` differs, \
          field `lock` of `server` is known here only, field 2 of `server` is known there only"
        ]
    );
}

#[test]
fn another_order_and_another_number_are_said() {
    let fields = || vec![call("knock", &[]), call("ring", &[])];
    let back = || fields().into_iter().rev().collect::<Vec<_>>();
    assert_eq!(
        lines(&of(&[contract("door", vec![], fields())]), &of(&[contract("door", vec![], back())])),
        ["- contract `door` differs: the fields of `server` are in another order"]
    );
    let ours = contract_with("door", vec![table(Role::SERVER, 1, fields())]);
    let theirs =
        contract_with("door", vec![table(Role::CLIENT, 1, vec![]), table(Role::SERVER, 0, fields())]);
    assert_eq!(
        lines(&of(&[ours]), &of(&[theirs])),
        [
            "- contract `door` differs: role `server` has number 1 here, 0 there, role `client` is known there only"
        ]
    );
}

#[test]
fn messages_differ_only_where_both_know_them() {
    let say = message(65, "Say", Str::<256>::SHAPE);
    let of = |messages: &[&'static MessageDescriptor]| Schema::new(vec![], messages.to_vec()).fingerprint();
    let theirs = of(&[say, message(66, "Said", u8::SHAPE)]);
    assert_eq!(of(&[say, message(64, "SetName", u8::SHAPE)]).compare(&theirs), Ok(()));
    assert_eq!(
        lines(&of(&[message(65, "Talk", Str::<256>::SHAPE), message(66, "Said", u16::SHAPE)]), &theirs),
        ["- message 65 differs (`Talk` here, `Say` there)", "- message 66 differs (`Said`)",]
    );
}

#[test]
fn the_summary_fits_a_disconnect() {
    let names = |count: usize| -> Vec<&'static ObjectDescriptor> {
        (0..count).map(|n| contract(keep(format!("object-{n:02}")), vec![], vec![])).collect()
    };
    let summary = |count| difference(&of(&names(count)), &of(&[])).summary();
    assert_eq!(summary(1), "contract `object-00`");
    assert_eq!(summary(2), "contract `object-00`, contract `object-01`");
    assert_eq!(summary(3), "contract `object-00`, contract `object-01`, contract `object-02`");
    assert_eq!(summary(30), "contract `object-00`, contract `object-01` and 28 more");
    let long = contract(keep("x".repeat(64)), vec![], vec![]);
    assert_eq!(difference(&of(&[long]), &of(&[])).summary(), format!("contract `{}…", "x".repeat(53)));
    assert_eq!(
        difference(&of(&[long, one_number()]), &of(&[])).summary(),
        "contract `one-number` and 1 more"
    );
    assert!((1..200).all(|count| summary(count).chars().count() <= 64));
}

#[test]
fn a_name_made_up_by_a_peer_cannot_forge_a_log() {
    let theirs = of(&[contract("a\n- contract `b`\u{1b}[0m", vec![], vec![])]);
    assert_eq!(lines(&of(&[]), &theirs), ["- contract `a\\n- contract `b`\\u{1b}[0m` is known there only"]);
}

#[test]
fn variants_are_told_apart_by_their_order_their_names_and_their_members() {
    let variant = |name, members: &[Member]| Variant { name, members: keep(members.to_vec()) };
    let print = |name, variants: &[Variant]| {
        let shape = keep(Shape::Enum { name, variants: keep(variants.to_vec()) });
        of(&[contract("door", vec![], vec![call("turn", &[shape])])])
    };
    let byte = Member { name: "x", shape: u8::SHAPE, has_default: false };
    let (open, closed) = (variant("Open", &[]), variant("Closed", &[]));
    let usual = print("Door", &[open, closed]);
    assert_eq!(usual, print("Gate", &[open, closed]));
    for other in [
        print("Door", &[closed, open]),
        print("Door", &[open]),
        print("Door", &[open, variant("Shut", &[])]),
        print("Door", &[open, closed, variant("Ajar", &[])]),
        print("Door", &[open, variant("Closed", &[byte])]),
        print("Door", &[open, variant("Closed", &[Member { has_default: true, ..byte }])]),
        print("Door", &[open, variant("Closed", &[byte, byte])]),
        of(&[contract("door", vec![], vec![call("turn", &[&Shape::Integer { min: 0, max: 1 }])])]),
    ] {
        assert_ne!(usual, other);
        assert_eq!(lines(&usual, &other).len(), 1);
    }
}

#[test]
fn a_hundred_contracts_of_twenty_fields_keep_all_their_hashes() {
    let many = |contracts: usize, fields: usize| -> Fingerprint {
        let named = |prefix: &str, n: usize| -> &'static str { keep(format!("{prefix}-{n:05}")) };
        let all: Vec<_> = (0..contracts)
            .map(|n| {
                let half = || (0..fields / 2).map(|n| call(named("some_field", n), &[u8::SHAPE])).collect();
                contract(named("some-contract", n), half(), half())
            })
            .collect();
        of(&all)
    };
    let usual = many(100, 20);
    let bytes = encoded(&usual);
    assert!(bytes.len() < 16 * 1024, "{}", bytes.len());
    assert_eq!(Fingerprint::decode(&bytes), Ok(usual));

    // More than fits: the contracts' own hashes still say which differ.
    let huge = many(500, 80);
    let bytes = encoded(&huge);
    assert!(bytes.len() < 32 * 1024, "{}", bytes.len());
    let theirs = Fingerprint::decode(&bytes).unwrap();
    assert_eq!(huge.compare(&theirs), Ok(()));
    assert_eq!(lines(&many(1, 80), &many(500, 82)).len(), 101);
    assert_eq!(lines(&many(1, 82), &theirs)[0], "- contract `some-contract-00000` differs");
}

#[test]
fn extensions_travel_and_are_no_difference() {
    let plain = of(&[one_number()]);
    let extended = plain.clone().with_extensions(Extensions::INTEREST);
    assert_eq!(Fingerprint::decode(&encoded(&extended)).unwrap().extensions(), Extensions::INTEREST);
    assert_eq!(Fingerprint::decode(&encoded(&plain)).unwrap().extensions(), Extensions::NONE);
    assert_eq!(extended.compare(&plain), Ok(()));
}

#[test]
fn later_versions_may_add_and_hostile_bytes_are_refused() {
    let decode = |inside: &[u8]| {
        let mut value = Vec::new();
        Writer::new(&mut value).bytes(inside);
        Fingerprint::decode(&value).map_err(|error| error.to_string())
    };
    // [1, [["a", 5, [], "more"]], [], 8192, {"m": [1]}]
    let longer = [
        0x95, 1, 0x91, 0x94, 0xa1, b'a', 5, 0x90, 0xa4, b'm', b'o', b'r', b'e', 0x90, 0xcd, 0x20, 0, 0x81,
        0xa1, b'm', 0x91, 1,
    ];
    let longer = decode(&longer).unwrap();
    assert_eq!(longer.contracts[0].hash, 5);
    assert_eq!(longer.extensions(), Extensions::from_bits(1 << 13));

    let words = |inside: &[u8]| decode(inside).unwrap_err();
    assert_eq!(words(&[]), "expected an array, found nothing");
    assert_eq!(words(&[0x91, 1]), "expected an array of 3 members, found an array of 1 member");
    assert_eq!(
        words(&[0x93, 2, 0x90, 0x90]),
        "parameter `version`: expected an integer from 1 to 1, found 2"
    );
    assert_eq!(
        words(&[0x93, 1, 0xdd, 0xff, 0xff, 0xff, 0xff, 0x90]),
        "parameter `contracts`: expected an array of at most 65536 members, found an array of 4294967295 members"
    );
    assert_eq!(
        words(&[0x93, 1, 0x90, 0xdd, 0xff, 0xff, 0xff, 0xff]),
        "parameter `messages[0]`: expected an array, found nothing"
    );
    assert_eq!(
        words(&[0x93, 1, 0x92, 0x93, 0xa1, b'b', 0, 0x90, 0x93, 0xa1, b'a', 0, 0x90, 0x90]),
        "parameter `contracts`: expected an array in ascending order, found an array of 2 members"
    );
    assert_eq!(
        words(&[0x94, 1, 0x90, 0x90, 0xff]),
        "parameter `extensions`: expected an integer from 0 to 18446744073709551615, found -1"
    );
    let whole = encoded(&of(&[one_number()]));
    for len in 0..whole.len() {
        assert!(Fingerprint::decode(&whole[..len]).is_err(), "cut at {len}");
    }
    assert!(Fingerprint::decode(&[whole.as_slice(), &[0]].concat()).is_err());
}
