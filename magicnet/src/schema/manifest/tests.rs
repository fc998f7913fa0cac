//! Manifests of contracts written by hand. That Python loads them is for `tests/wire` to see.

use serde_json::{Value as Json, json};

use super::*;
use crate::schema::{Caller, Creator, OwnerLeft, Receiver, RoleDescriptor, Source, Via};
use crate::wire::{Bytes, List, Map, Member, NetworkType, Ranged, Shape, Str, Value, Variant};

const fn parameter(name: &'static str, shape: &'static Shape) -> Parameter {
    Parameter { name, shape, presence: Presence::Required }
}

const fn call(name: &'static str, parameters: &'static [Parameter]) -> FieldDescriptor {
    FieldDescriptor {
        name,
        kind: FieldKind::CallToServer { from: Caller::Anyone },
        persist: Persist::None,
        via: Via::Reliable,
        rate: None,
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
                via: Via::Reliable,
                rate: None,
                parameters: &[parameter("value", i32::SHAPE)],
            }],
        },
        server(&[
            call("set_init_value", &[parameter("value", i32::SHAPE)]),
            call("add_value", &[parameter("by", i32::SHAPE)]),
        ]),
    ],
);

/// What a manifest says, as JSON.
fn json_of(manifest: &Manifest) -> Json {
    serde_json::from_str(&manifest.to_json()).expect("a manifest is JSON")
}

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

    let server: Json = json_of(&of(&ONE_NUMBER));
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
                    via: Via::Reliable,
                    rate: None,
                    parameters: &[],
                },
                FieldDescriptor {
                    name: "strike",
                    kind: FieldKind::CallToClients { to: Receiver::Viewers },
                    persist: Persist::Ram,
                    via: Via::Reliable,
                    rate: None,
                    parameters: &[],
                },
            ],
        }],
    );
    let schema = Schema::new(vec![&CHIME, &ONE_NUMBER], Vec::new());
    let flags = |role, name: &str, field: usize| {
        json_of(&Manifest::of(&schema, role))[name]["signatures"][field]["a"].clone()
    };
    assert_eq!(flags(Role::SERVER, "one-number", 0), 1);
    assert_eq!((flags(Role::CLIENT, "chime", 0), flags(Role::CLIENT, "chime", 1)), (0.into(), 1.into()));
}

#[test]
fn every_manifest_names_every_contract() {
    static ONLY_SERVER: ObjectDescriptor = contract("clock", &[server(&[])]);
    let schema = Schema::new(vec![&ONLY_SERVER, &ONE_NUMBER], Vec::new());
    let client = Manifest::of(&schema, Role::CLIENT);
    let client = json_of(&client);
    assert_eq!(client.as_object().unwrap().keys().collect::<Vec<_>>(), ["clock", "one-number"]);
    assert_eq!(client["clock"], json!({"object_role": 0, "signatures": []}));
}

#[test]
fn shapes_become_hints_that_python_can_load() {
    let hint = |shape| hint::of(shape).to_string();
    assert_eq!(hint(u64::SHAPE), "uint64");
    assert_eq!(hint(Ranged::<i16, -5, 5>::SHAPE), "Annotated[int, Ge(-5), Lt(6)]");
    assert_eq!(hint(bool::SHAPE), "Annotated[int, Ge(0), Lt(2)]");
    assert_eq!(hint(f32::SHAPE), "float");
    assert_eq!(hint(Str::<64>::SHAPE), "s64");
    assert_eq!(hint(Str::<20>::SHAPE), "Annotated[str, MaxLen(20)]");
    assert_eq!(hint(Bytes::<64>::SHAPE), "bs64");
    assert_eq!(hint(List::<u8, 4>::SHAPE), "list[uint8]");
    assert_eq!(hint(<(u8, f64)>::SHAPE), "tuple[uint8, float]");
    assert_eq!(hint(Map::<Str<64>, u8, 4>::SHAPE), "dict[s64, uint8]");
    assert_eq!(hint(Option::<u8>::SHAPE), "Any");
    assert_eq!(hint(Value::<8>::SHAPE), "Any");
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

    assert_eq!(hint::of(&ALL).to_string(), "tuple[float, float]");
    assert_eq!(hint::of(&SOME).to_string(), "Union[tuple[float], tuple[float, float]]");
    assert_eq!(hint::of(&NONE).to_string(), "tuple");
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

    let [zero, one, flag] =
        [(0, 1), (1, 2), (0, 2)].map(|(min, end)| format!("Annotated[int, Ge({min}), Lt({end})]"));
    assert_eq!(hint::of(&NUMBERS).to_string(), "Annotated[int, Ge(0), Lt(3)]");
    let forms = format!("Union[tuple[{zero}], tuple[{one}, float], tuple[{one}, float, {flag}]]");
    assert_eq!(hint::of(&DATA).to_string(), forms);
    assert_eq!(hint::of(&ALONE).to_string(), format!("tuple[{zero}, float]"));

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
    let file = json_of(&manifest);
    let items = &file["door"]["signatures"][0]["f"];
    let default = |index: usize| items[index].get("default_value");
    assert_eq!(default(0), Some(&json!(256)));
    assert_eq!(default(1), Some(&json!(-7)));
    assert_eq!(default(2), Some(&json!(true)));
    assert_eq!(default(3), Some(&json!("ä")));
    assert_eq!(default(4), Some(&json!(0.5)));
    assert_eq!(default(5), Some(&json!(null)));
    assert_eq!(default(6), Some(&json!([u64::MAX, {"x": []}])));
    for index in 7..10 {
        assert_eq!(default(index), None);
    }
    assert_eq!(items[8]["is_variadic"], false);
    assert_eq!(items[9]["is_variadic"], true);

    let place = "contract `door`, field `knock`, parameter";
    let unsaid = "its default cannot be said in JSON: Python takes it for required";
    assert_eq!(
        manifest.warnings()[..3],
        [
            format!("{place} `raw`: {unsaid}"),
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

#[test]
fn what_we_write_we_read() {
    static FAR: ObjectDescriptor = contract(
        "far",
        &[server(&[call(
            "go",
            &[Parameter {
                presence: Presence::Default(|w| w.f64(f64::INFINITY)),
                ..parameter("how_far", f64::SHAPE)
            }],
        )])],
    );
    let schema = Schema::new(vec![&ONE_NUMBER, &FAR], Vec::new());
    assert!(
        Manifest::of(&schema, Role::SERVER).to_json().contains(r#""default_value": Infinity"#),
        "as in Python"
    );
    for role in [Role::CLIENT, Role::SERVER] {
        let manifest = Manifest::of(&schema, role);
        assert_eq!(Manifest::from_json(manifest.to_json()), Ok(manifest));
    }
}

#[test]
fn what_a_manifest_says_otherwise_than_we_is_found() {
    let differences = |file: &str| -> Vec<String> {
        let manifest = Manifest::from_json(file).expect("it is a manifest");
        differences(&ONE_NUMBER, &manifest.tables()[0]).iter().map(ToString::to_string).collect()
    };
    let table = |role: u8, fields: &str| {
        format!(r#"{{"one-number": {{"object_role": {role}, "signatures": [{fields}]}}}}"#)
    };
    let field = |name: &str, hint: &str| {
        let hint = format!(r#"{{"t": "{hint}", "m": null, "a": []}}"#);
        format!(
            r#"{{"n": "{name}", "a": 0, "f": [{{"name": "it", "typehint": {hint}, "is_variadic": false}}]}}"#
        )
    };
    let same = [field("set_init_value", "int"), field("add_value", "any")];
    assert_eq!(differences(&table(1, &same.join(", "))), [""; 0], "what has no bound may have one here");
    assert_eq!(differences(&table(7, "")), [""; 0], "an empty table says that there is nothing");
    assert_eq!(
        differences(&table(1, &[field("add_value", "str"), field("set_init_value", "int")].join(", "))),
        [
            "object `one-number`: fields `set_init_value`, `add_value` here, \
             fields `add_value`, `set_init_value` in the manifest",
            "object `one-number`, field `add_value`, parameter `by`: `int32` here, `str` in the manifest",
        ]
    );
    assert_eq!(
        differences(&table(7, &field("peek", "int"))),
        ["object `one-number`, field `peek`: is only in the manifest"]
    );
}
