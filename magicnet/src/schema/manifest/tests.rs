//! Manifests of contracts written by hand. That Python loads them is for `tests/wire` to see.

use super::*;
use crate::schema::{Caller, Creator, OwnerLeft, Receiver, RoleDescriptor, Source};
use crate::wire::{Bytes, List, Map, Member, NetworkType, Ranged, Shape, Str, Value, Variant};

const fn parameter(name: &'static str, shape: &'static Shape) -> Parameter {
    Parameter { name, shape, presence: Presence::Required }
}

const fn call(name: &'static str, parameters: &'static [Parameter]) -> FieldDescriptor {
    FieldDescriptor {
        name,
        kind: FieldKind::CallToServer { from: Caller::Anyone },
        persist: Persist::None,
        parameters,
    }
}

const fn contract(name: &'static str, roles: &'static [RoleDescriptor]) -> ObjectDescriptor {
    ObjectDescriptor {
        name,
        create: Creator::Anyone,
        on_owner_left: OwnerLeft::Destroy,
        properties: &[],
        roles,
        source: Source { file: "here.rs", line: 1 },
    }
}

const fn server(fields: &'static [FieldDescriptor]) -> RoleDescriptor {
    RoleDescriptor { role: Role::SERVER, number: 1, fields }
}

static ONE_NUMBER: ObjectDescriptor = contract(
    "one-number",
    &[
        RoleDescriptor {
            role: Role::CLIENT,
            number: 0,
            fields: &[FieldDescriptor {
                name: "set_current_value",
                kind: FieldKind::Property { property: 0, to: Receiver::Viewers, always: false, init: false },
                persist: Persist::Ram,
                parameters: &[parameter("value", i32::SHAPE)],
            }],
        },
        server(&[
            call("set_init_value", &[parameter("value", i32::SHAPE)]),
            call("add_value", &[parameter("by", i32::SHAPE)]),
        ]),
    ],
);

/// The manifest of the server's role of one contract.
fn of(contract: &'static ObjectDescriptor) -> Manifest {
    Manifest::of(&Schema::new(vec![contract], Vec::new()), Role::SERVER)
}

#[test]
fn the_file_is_what_python_writes_itself() {
    let schema = Schema::new(vec![&ONE_NUMBER], Vec::new());
    let client = r#"{
  "one-number": {
    "object_role": 0,
    "signatures": [
      {
        "n": "set_current_value",
        "a": 1,
        "f": [
          {
            "name": "value",
            "typehint": {
              "t": "int",
              "m": [
                {
                  "t": "av",
                  "d": "Ge(-2147483648)"
                },
                {
                  "t": "av",
                  "d": "Lt(2147483648)"
                }
              ],
              "a": []
            },
            "is_variadic": false
          }
        ]
      }
    ]
  }
}"#;
    let manifest = Manifest::of(&schema, Role::CLIENT);
    assert_eq!(manifest.to_json(), client);
    assert!(manifest.warnings().is_empty());

    let server: Json = serde_json::from_str(&of(&ONE_NUMBER).to_json()).unwrap();
    assert_eq!(server["one-number"]["object_role"], 1);
    assert_eq!(server["one-number"]["signatures"][1]["n"], "add_value");
    assert_eq!(server["one-number"]["signatures"][1]["a"], 1);
}

/// What a Python client may not keep, it leaves out of the creations that it asks for.
#[test]
fn python_keeps_what_it_says_to_servers_and_replays_to_clients_what_says_so() {
    static CHIME: ObjectDescriptor = contract(
        "chime",
        &[RoleDescriptor {
            role: Role::CLIENT,
            number: 0,
            fields: &[
                FieldDescriptor {
                    name: "ring",
                    kind: FieldKind::CallToClients { to: Receiver::Viewers },
                    persist: Persist::None,
                    parameters: &[],
                },
                FieldDescriptor {
                    name: "strike",
                    kind: FieldKind::CallToClients { to: Receiver::Viewers },
                    persist: Persist::Ram,
                    parameters: &[],
                },
            ],
        }],
    );
    let schema = Schema::new(vec![&CHIME, &ONE_NUMBER], Vec::new());
    let flags = |role, name: &str, field: usize| {
        Manifest::of(&schema, role).contracts[name]["signatures"][field]["a"].clone()
    };
    assert_eq!(flags(Role::SERVER, "one-number", 0), 1);
    assert_eq!((flags(Role::CLIENT, "chime", 0), flags(Role::CLIENT, "chime", 1)), (0.into(), 1.into()));
}

#[test]
fn every_manifest_names_every_contract() {
    static ONLY_SERVER: ObjectDescriptor = contract("clock", &[server(&[])]);
    let schema = Schema::new(vec![&ONLY_SERVER, &ONE_NUMBER], Vec::new());
    let client = Manifest::of(&schema, Role::CLIENT);
    assert_eq!(client.contracts.keys().collect::<Vec<_>>(), ["clock", "one-number"]);
    assert_eq!(client.contracts["clock"], json!({"object_role": 0, "signatures": []}));
}

#[test]
fn shapes_become_hints_that_python_can_load() {
    let plain = |base: &str| json!({"t": base, "m": null, "a": []});
    let limited = |base: &str, limits: &[&str]| {
        let limits: Vec<Json> = limits.iter().map(|it| json!({"t": "av", "d": it})).collect();
        json!({"t": base, "m": limits, "a": []})
    };
    let byte = || limited("int", &["Ge(0)", "Lt(256)"]);
    assert_eq!(hint::of(u64::SHAPE), limited("int", &["Ge(0)", "Lt(18446744073709551616)"]));
    assert_eq!(hint::of(Ranged::<i16, -5, 5>::SHAPE), limited("int", &["Ge(-5)", "Lt(6)"]));
    assert_eq!(hint::of(bool::SHAPE), limited("int", &["Ge(0)", "Lt(2)"]));
    assert_eq!(hint::of(f32::SHAPE), plain("float"));
    assert_eq!(hint::of(Str::<64>::SHAPE), limited("str", &["MaxLen(64)"]));
    assert_eq!(hint::of(Bytes::<64>::SHAPE), limited("bytes", &["MaxLen(64)"]));
    assert_eq!(hint::of(List::<u8, 4>::SHAPE), json!({"t": "list", "m": null, "a": [byte()]}));
    assert_eq!(hint::of(<(u8, f64)>::SHAPE), json!({"t": "tuple", "m": null, "a": [byte(), plain("float")]}));
    assert_eq!(
        hint::of(Map::<Str<64>, u8, 4>::SHAPE),
        json!({"t": "dict", "m": null, "a": [limited("str", &["MaxLen(64)"]), byte()]})
    );
    assert_eq!(hint::of(Option::<u8>::SHAPE), plain("any"));
    assert_eq!(hint::of(Value::<8>::SHAPE), plain("any"));
}

#[test]
fn a_struct_accepts_every_length_that_its_defaults_allow() {
    const fn member(shape: &'static Shape, has_default: bool) -> Member {
        Member { name: "it", shape, has_default }
    }
    const fn of(members: &'static [Member]) -> Shape {
        Shape::Struct { name: "It", members }
    }
    static ALL: Shape = of(&[member(f32::SHAPE, false), member(f64::SHAPE, false)]);
    static SOME: Shape = of(&[member(f32::SHAPE, false), member(f64::SHAPE, true)]);
    static NONE: Shape = of(&[member(f32::SHAPE, true)]);

    let float = || json!({"t": "float", "m": null, "a": []});
    let pair = json!({"t": "tuple", "m": null, "a": [float(), float()]});
    let single = json!({"t": "tuple", "m": null, "a": [float()]});
    assert_eq!(hint::of(&ALL), pair);
    assert_eq!(hint::of(&SOME), json!({"t": "Union", "m": null, "a": [single, pair]}));
    assert_eq!(hint::of(&NONE), json!({"t": "tuple", "m": null, "a": []}));
}

#[test]
fn an_enum_is_a_number_or_a_tuple_for_each_of_its_forms() {
    const fn member(shape: &'static Shape, has_default: bool) -> Member {
        Member { name: "it", shape, has_default }
    }
    const fn variant(members: &'static [Member]) -> Variant {
        Variant { name: "It", members }
    }
    const fn of(variants: &'static [Variant]) -> Shape {
        Shape::Enum { name: "It", variants }
    }
    static NUMBERS: Shape = of(&[variant(&[]), variant(&[]), variant(&[])]);
    static DATA: Shape =
        of(&[variant(&[]), variant(&[member(f32::SHAPE, false), member(bool::SHAPE, true)])]);
    static ALONE: Shape = of(&[variant(&[member(f32::SHAPE, false)])]);

    let int = |min: u8, end: u8| {
        let limits = [format!("Ge({min})"), format!("Lt({end})")];
        json!({"t": "int", "m": limits.map(|it| json!({"t": "av", "d": it})), "a": []})
    };
    let float = || json!({"t": "float", "m": null, "a": []});
    let tuple = |members: Vec<Json>| json!({"t": "tuple", "m": null, "a": members});
    assert_eq!(hint::of(&NUMBERS), int(0, 3));
    let forms =
        [tuple(vec![int(0, 1)]), tuple(vec![int(1, 2), float()]), tuple(vec![int(1, 2), float(), int(0, 2)])];
    assert_eq!(hint::of(&DATA), json!({"t": "Union", "m": null, "a": forms}));
    assert_eq!(hint::of(&ALONE), tuple(vec![int(0, 1), float()]));

    static CONTRACT: ObjectDescriptor = contract(
        "door",
        &[server(&[call("turn", &[parameter("how", &NUMBERS)]), call("act", &[parameter("what", &DATA)])])],
    );
    let warnings = [
        "contract `door`, field `act`, parameter `what`: 0.0.3 with its validator drops a call with floats",
        "contract `door`, field `act`, parameter `what`: 0.0.3 with its validator drops a call in which two values are \
         equal and small, such as [5, 5]",
    ];
    assert_eq!(self::of(&CONTRACT).warnings(), warnings);
}

#[test]
fn defaults_and_the_rest_are_said() {
    const fn default(name: &'static str, write: fn(&mut Writer<'_>)) -> Parameter {
        Parameter { presence: Presence::Default(write), ..parameter(name, u8::SHAPE) }
    }
    static CONTRACT: ObjectDescriptor = contract(
        "door",
        &[server(&[call(
            "knock",
            &[
                default("times", |w| w.unsigned(256)),
                default("low", |w| w.signed(-7)),
                default("loud", |w| w.bool(true)),
                default("how", |w| w.text("ä")),
                default("far", |w| w.f64(0.5)),
                default("why", |w| w.nil()),
                default("at", |w| {
                    w.array(2);
                    w.unsigned(u64::MAX);
                    w.map(1);
                    w.text("x");
                    w.array(0);
                }),
                default("raw", |w| w.bytes(b"x")),
                default("nan", |w| w.f64(f64::NAN)),
                default("odd", |w| {
                    w.map(1);
                    w.unsigned(1);
                    w.nil();
                }),
                Parameter { presence: Presence::Rest { max: 3 }, ..parameter("others", u8::SHAPE) },
            ],
        )])],
    );
    let manifest = of(&CONTRACT);
    let items = &manifest.contracts["door"]["signatures"][0]["f"];
    let default = |index: usize| items[index].get("default_value");
    assert_eq!(default(0), Some(&json!(256)));
    assert_eq!(default(1), Some(&json!(-7)));
    assert_eq!(default(2), Some(&json!(true)));
    assert_eq!(default(3), Some(&json!("ä")));
    assert_eq!(default(4), Some(&json!(0.5)));
    assert_eq!(default(5), Some(&json!(null)));
    assert_eq!(default(6), Some(&json!([u64::MAX, {"x": []}])));
    for index in 7..11 {
        assert_eq!(default(index), None);
    }
    assert_eq!(items[9]["is_variadic"], false);
    assert_eq!(items[10]["is_variadic"], true);

    let place = "contract `door`, field `knock`, parameter";
    let unsaid = "its default cannot be said in JSON: Python takes it for required";
    assert_eq!(
        manifest.warnings()[..4],
        [
            format!("{place} `raw`: {unsaid}"),
            format!("{place} `nan`: {unsaid}"),
            format!("{place} `odd`: {unsaid}"),
            format!("{place} `others`: Python does not check that there are at most 3"),
        ]
    );
}

#[test]
fn what_python_drops_is_warned_of() {
    static LOOSE: Shape = Shape::Struct {
        name: "Loose",
        members: &[Member { name: "x", shape: f32::SHAPE, has_default: true }],
    };
    static CONTRACT: ObjectDescriptor = contract(
        "door",
        &[server(&[
            call("fine", &[parameter("times", u8::SHAPE)]),
            call("empty", &[]),
            call("alone", &[parameter("times", List::<u8, 1>::SHAPE)]),
            call("move_to", &[parameter("x", f32::SHAPE), parameter("y", f32::SHAPE)]),
            call("step_to", &[parameter("x", u8::SHAPE), parameter("y", u8::SHAPE)]),
            call("maybe", &[parameter("who", Option::<Str<16>>::SHAPE)]),
            call("any", &[parameter("what", Value::<1>::SHAPE)]),
            call("many", &[parameter("what", Value::<3>::SHAPE)]),
            call("named", &[parameter("all", Map::<Str<4>, f32, 1>::SHAPE)]),
            call("numbered", &[parameter("all", List::<Map<u8, f32, 2>, 1>::SHAPE)]),
            call("loose", &[parameter("at", &LOOSE)]),
        ])],
    );
    let value = "Python does not check a `Value`, 0.0.3 with its validator drops one that holds floats or nil, and no \
                 Python peer reads a map with integer keys";
    let equal =
        "0.0.3 with its validator drops a call in which two values are equal and small, such as [5, 5]";
    let floats = "0.0.3 with its validator drops a call with floats";
    assert_eq!(
        of(&CONTRACT).warnings(),
        [
            "contract `door`, field `alone`, parameter `times`: Python does not check that there are at most 1".into(),
            format!("contract `door`, field `move_to`, parameter `x`: {floats}"),
            format!("contract `door`, field `move_to`, parameter `y`: {floats}"),
            format!("contract `door`, field `step_to`, parameters `x`, `y`: {equal}"),
            "contract `door`, field `maybe`, parameter `who`: Python does not check an `Option`, and 0.0.3 with its \
             validator drops a call with nil"
                .into(),
            format!("contract `door`, field `any`, parameter `what`: {value}"),
            format!("contract `door`, field `many`, parameter `what`: {value}"),
            format!("contract `door`, field `many`, parameter `what`: {equal}"),
            "contract `door`, field `named`, parameter `all`: Python does not check that there are at most 1".into(),
            format!("contract `door`, field `named`, parameter `all`: {floats}"),
            "contract `door`, field `numbered`, parameter `all`: Python does not check that there are at most 1".into(),
            "contract `door`, field `numbered`, parameter `all`: Python does not check that there are at most 2".into(),
            "contract `door`, field `numbered`, parameter `all`: no Python peer reads a map whose keys are not text"
                .into(),
            format!("contract `door`, field `numbered`, parameter `all`: {floats}"),
            format!("contract `door`, field `numbered`, parameter `all`: {equal}"),
            "contract `door`, field `loose`, parameter `at`: Python does not check the members of a struct that may \
             all be missing"
                .into(),
            format!("contract `door`, field `loose`, parameter `at`: {floats}"),
        ]
    );
}
