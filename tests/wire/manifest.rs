//! Manifests, loaded by both versions of the Python library.

use std::io::Write;
use std::process::{Command, Stdio};

use magicnet::NetworkType;
use magicnet::schema::{
    Caller, Creator, FieldDescriptor, FieldKind, Manifest, ObjectDescriptor, OwnerLeft, Parameter, Persist,
    Presence, Receiver, Role, RoleDescriptor, Schema, Source, Via,
};
use magicnet::wire::{AnyValue, Bytes, List, Map, Member, Ranged, Shape, Str, Value, Writer};
use magicnet_tests::fuzz::fuzz_manifest;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::hex;

static POINT: Shape = Shape::Struct {
    name: "Point",
    members: &[
        Member { name: "x", shape: f64::SHAPE, has_default: false },
        Member { name: "y", shape: f64::SHAPE, has_default: true },
        Member { name: "name", shape: <Option<Str<4>>>::SHAPE, has_default: true },
    ],
};

static LOOSE: Shape =
    Shape::Struct { name: "Loose", members: &[Member { name: "x", shape: u8::SHAPE, has_default: true }] };

#[derive(NetworkType)]
enum Stance {
    Standing,
    Sitting,
}

#[derive(NetworkType)]
enum Order {
    Wait,
    Walk {
        x: u8,
        #[arg(default)]
        y: u8,
    },
    Say(Str<4>),
}

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
        source: Source { file: file!(), line: line!() },
    }
}

static DOOR: ObjectDescriptor = contract(
    "door",
    &[
        RoleDescriptor {
            role: Role::CLIENT,
            number: 0,
            fields: &[FieldDescriptor {
                name: "set_open",
                kind: FieldKind::Property { property: 0, to: Receiver::Viewers, always: false, init: false },
                persist: Persist::Ram,
                via: Via::Reliable,
                rate: None,
                parameters: &[parameter("open", bool::SHAPE)],
            }],
        },
        RoleDescriptor {
            role: Role::SERVER,
            number: 1,
            fields: &[
                call("small", &[parameter("it", u8::SHAPE)]),
                call("large", &[parameter("it", u64::SHAPE)]),
                call("range", &[parameter("it", Ranged::<i16, -5, 5>::SHAPE)]),
                call("real", &[parameter("it", f32::SHAPE)]),
                call("text", &[parameter("it", Str::<4>::SHAPE)]),
                call("bytes", &[parameter("it", Bytes::<4>::SHAPE)]),
                call("list", &[parameter("it", List::<u8, 4>::SHAPE)]),
                call("lists", &[parameter("it", List::<List<Str<2>, 4>, 4>::SHAPE)]),
                call("pair", &[parameter("it", <(u8, Str<4>)>::SHAPE)]),
                call("point", &[parameter("it", &POINT)]),
                call("points", &[parameter("it", &Shape::List { of: &POINT, max: 4 })]),
                call("loose", &[parameter("it", &LOOSE)]),
                call("stance", &[parameter("it", Stance::SHAPE)]),
                call("order", &[parameter("it", Order::SHAPE)]),
                call("orders", &[parameter("it", List::<Order, 4>::SHAPE)]),
                call("named", &[parameter("it", Map::<Str<2>, u8, 4>::SHAPE)]),
                call("numbered", &[parameter("it", Map::<u8, u8, 4>::SHAPE)]),
                call("maybe", &[parameter("it", List::<Option<u8>, 4>::SHAPE)]),
                call("any", &[parameter("it", Value::<64>::SHAPE)]),
                call(
                    "defaults",
                    &[
                        parameter("first", u8::SHAPE),
                        Parameter {
                            presence: Presence::Default(|w| w.unsigned(256)),
                            ..parameter("second", u16::SHAPE)
                        },
                        Parameter {
                            presence: Presence::Default(|w| w.array(0)),
                            ..parameter("third", List::<Str<4>, 4>::SHAPE)
                        },
                    ],
                ),
                call(
                    "rest",
                    &[
                        parameter("first", Str::<4>::SHAPE),
                        Parameter { presence: Presence::Rest { max: 3 }, ..parameter("others", u8::SHAPE) },
                    ],
                ),
            ],
        },
    ],
);

/// Without a table for clients.
static CLOCK: ObjectDescriptor =
    contract("clock", &[RoleDescriptor { role: Role::SERVER, number: 1, fields: &[] }]);

static BELL: ObjectDescriptor =
    contract("bell", &[RoleDescriptor { role: Role::SERVER, number: 1, fields: &[call("ring", &[])] }]);

fn question() -> Json {
    let schema = Schema::new(vec![&DOOR, &CLOCK, &BELL], Vec::new());
    let manifest = |role| -> Json {
        serde_json::from_str(&Manifest::of(&schema, role).to_json()).expect("a manifest is JSON")
    };
    json!({
        "contracts": ["bell", "clock", "door"],
        "manifests": [manifest(Role::CLIENT), manifest(Role::SERVER)],
        "cases": cases(),
    })
}

fn cases() -> Vec<Json> {
    let set_open = |arguments, accepted| {
        let mut case = case("set_open", arguments, accepted);
        case["role"] = json!(0);
        case
    };
    vec![
        set_open(json!([true]), true),
        set_open(json!([0]), true),
        set_open(json!([2]), false),
        case("small", json!([255]), true),
        case("small", json!([256]), false),
        case("small", json!([-1]), false),
        case("small", json!(["1"]), false),
        case("small", json!([]), false),
        case("small", json!([1, 2]), false),
        case("large", json!([u64::MAX]), true),
        case("range", json!([-5]), true),
        case("range", json!([6]), false),
        case("real", json!([2.0]), true),
        case("real", json!([2]), false),
        case("text", json!(["äöüß"]), true),
        case("text", json!(["abcde"]), false),
        case("bytes", json!([{"bytes": 4}]), true),
        case("bytes", json!([{"bytes": 5}]), false),
        case("bytes", json!(["text"]), false),
        case("list", json!([[]]), true),
        case("list", json!([[5, 5, 5]]), true),
        case("list", json!([[5, 256]]), false),
        case("lists", json!([[[], [], ["a", "a"]]]), true),
        case("lists", json!([[["abc"]]]), false),
        case("pair", json!([[1, "a"]]), true),
        case("pair", json!([[1]]), false),
        case("pair", json!([[1, 2]]), false),
        case("point", json!([[1.5]]), true),
        case("point", json!([[1.5, 1.5]]), true),
        case("point", json!([[1.5, 1.5, null]]), true),
        case("point", json!([[]]), false),
        case("point", json!([[1.5, "y"]]), false),
        case("point", json!([[1.5, 1.5, null, 4]]), false),
        case("points", json!([[[1.5], [1.5], [1.5, 2.5]]]), true),
        case("loose", json!([[]]), true),
        case("loose", json!([[5]]), true),
        case("loose", json!([5]), false),
        case("stance", json!([1]), true),
        case("stance", json!([2]), false),
        case("stance", json!([[1]]), false),
        case("order", json!([[0]]), true),
        case("order", json!([[0, 1]]), false),
        case("order", json!([[1, 7]]), true),
        case("order", json!([[1, 1, 1]]), true),
        case("order", json!([[1, "a"]]), false),
        case("order", json!([[1]]), false),
        case("order", json!([[2, "a"]]), true),
        case("order", json!([[2, 7]]), false),
        case("order", json!([[3]]), false),
        case("order", json!([0]), false),
        case("orders", json!([[[0], [0], [1, 7], [1, 7, 7], [2, "a"]]]), true),
        case("orders", json!([[[0], [4]]]), false),
        case("named", json!([{"map": ["a", 5]}]), true),
        case("named", json!([{"map": ["abc", 5]}]), false),
        case("named", json!([{"map": ["a", 256]}]), false),
        case("named", json!([[]]), false),
        case("maybe", json!([[null, 5, 5, null]]), true),
        case("any", json!([null]), true),
        case("any", json!([[1.5, {"map": ["a", 1]}, null, 5, 5]]), true),
        becoming("defaults", json!([1]), json!([1, 256, []])),
        becoming("defaults", json!([1, 2]), json!([1, 2, []])),
        becoming("defaults", json!([1, 2, ["a"]]), json!([1, 2, ["a"]])),
        becoming("rest", json!(["a"]), json!(["a"])),
        becoming("rest", json!(["a", 5, 5]), json!(["a", 5, 5])),
        case("rest", json!(["a", 5, 256]), false),
    ]
}

fn becoming(field: &str, arguments: Json, becomes: Json) -> Json {
    let mut case = case(field, arguments, true);
    case["becomes"] = becomes;
    case
}

#[expect(clippy::needless_pass_by_value, reason = "the cases are read more easily so")]
fn case(field: &str, arguments: Json, accepted: bool) -> Json {
    let mut bytes = Vec::new();
    value_of(&arguments).encode(&mut Writer::new(&mut bytes));
    json!({"contract": "door", "role": 1, "field": field, "arguments": hex(&bytes), "accepted": accepted})
}

/// JSON as a value; `{"bytes": n}` is n bytes and `{"map": [k, v]}` a map with one entry.
fn value_of(json: &Json) -> AnyValue {
    match json {
        Json::Null => AnyValue::Nil,
        Json::Bool(value) => AnyValue::Bool(*value),
        Json::Number(number) if number.is_f64() => AnyValue::Float(number.as_f64().expect("it is one")),
        Json::Number(number) => AnyValue::Integer(number.as_i128().expect("it is an integer")),
        Json::String(value) => AnyValue::Text(value.clone()),
        Json::Array(values) => AnyValue::Array(values.iter().map(value_of).collect()),
        Json::Object(object) => match object.get("bytes").and_then(Json::as_u64) {
            Some(count) => AnyValue::Bytes((0..count).map(|_| 7).collect()),
            None => AnyValue::Map(vec![(value_of(&object["map"][0]), value_of(&object["map"][1]))]),
        },
    }
}

/// What Python wrote of `tests/peers/python/hints_views.py` is read whole: written again, it is the same JSON.
#[test]
fn manifests_of_python_are_read_and_written_as_they_were() {
    for file in [include_str!("manifests/client.json"), include_str!("manifests/server.json")] {
        let manifest = Manifest::from_json(file).expect("Python wrote it");
        // Infinity is none of this reader's numbers.
        let read = |file: &str| -> Json {
            serde_json::from_str(&file.replace("Infinity", "1e300")).expect("it is JSON")
        };
        assert_eq!(read(&manifest.to_json()), read(file));
        assert_eq!(Manifest::from_json(manifest.to_json()), Ok(manifest));
    }
}

#[test]
fn what_python_writes_and_cannot_use_is_warned_of() {
    let manifest = Manifest::from_json(include_str!("manifests/server.json")).expect("Python wrote it");
    let warns = |warning: &str| {
        let warning = format!("object `every-hint`, field {warning}");
        assert!(manifest.warnings().contains(&warning), "{warning}\n{:#?}", manifest.warnings());
    };
    warns(
        "`set_flag`, parameter `it`: Python cannot load the hint `bool`: write `Annotated[int, Ge(0), Lt(2)]`",
    );
    warns("`set_text`, parameter `title`: Python cannot load the hint `NoneType`: write `Any`");
    warns(
        "`set_place`, parameter `it`: Python cannot load the hint `Place`: write `tuple[...]` of its members",
    );
    warns("`set_float`, parameter `it`: 0.0.3 with its validator drops a call with floats");
    warns(
        "`set_three`, parameter `it`: Python cannot check by a rule on a `list`, and raises: leave the rule out",
    );
    let numbers = manifest.warnings().iter().filter(|warning| warning.contains("`one-number`"));
    assert_eq!(numbers.count(), 0, "nothing there is hard for Python");
}

proptest! {
    /// A file that somebody has spoiled is refused or read, whatever has become of it.
    #[test]
    fn a_spoiled_manifest_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = include_bytes!("manifests/server.json").to_vec();
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        fuzz_manifest(&file);
        fuzz_manifest(&file[..cut.index(file.len())]);
    }
}

fn ask(interpreter: &str) {
    let interpreter = std::env::var(interpreter).expect("tests/run says where the Python interpreters are");
    let mut python = Command::new(interpreter)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/wire/load_manifest.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter can be started");
    let mut input = python.stdin.take().expect("it was piped");
    input.write_all(question().to_string().as_bytes()).expect("the question can be put");
    drop(input);
    let answer = python.wait_with_output().expect("the interpreter ends");
    let said = String::from_utf8_lossy(&answer.stdout);
    let cried = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "\n{said}{cried}");
}

#[test]
#[ignore = "needs tests/run"]
fn python_0_0_3_loads_our_manifests() {
    ask("MAGICNET_PYTHON_003");
}

#[test]
#[ignore = "needs tests/run"]
fn python_0_0_7_loads_our_manifests() {
    ask("MAGICNET_PYTHON_007");
}
