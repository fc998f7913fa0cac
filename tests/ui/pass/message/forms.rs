//! Messages are structs with names, with numbers, or with nothing; they may borrow.

use magicnet::__private::{Arguments, DecodeMessage, Presence, Reader, Sender, Writer};
use magicnet::{Message, prelude::*};

#[message(id = 64, from = client)]
#[derive(Debug, PartialEq)]
struct Unit;

#[message(id = 65, from = server)]
#[derive(Debug, PartialEq)]
struct Tuple(u8, #[arg(default)] Str<8>, #[arg(default = 5)] u16);

#[message(id = 0x42, from = anyone, before_handshake)]
#[derive(Debug, PartialEq)]
struct Borrowed<'a> {
    text: Text<'a, 8>,
    pair: (Text<'a, 4>, u8),
    #[arg(rest)]
    rest: List<Text<'a, 4>, 3>,
}

#[message(id = 67, from = anyone)]
struct Empty {}

#[message(id = 68, from = anyone)]
struct Floats {
    #[arg(any_float)]
    any: f32,
    #[arg(default = f64::NAN, any_float)]
    nan: f64,
    #[arg(rest, any_float)]
    rest: List<f32, 4>,
}

#[message_handler]
fn unit(cx: &mut MessageCx<'_>, _: Unit) {
    cx.reply(Unit);
}

#[message_handler(role = client)]
fn borrowed(_cx: &mut MessageCx<'_>, Borrowed { text, .. }: Borrowed<'_>) -> Result<(), Disconnect> {
    if text.is_empty() { Err(Disconnect::new(10, "too short")) } else { Ok(()) }
}

fn encoded(message: &impl Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes);
    message.encode(&mut writer);
    assert_eq!(writer.fault(), None);
    bytes
}

fn decoded<'a, M: DecodeMessage<'a>>(bytes: &'a [u8]) -> Option<M> {
    M::decode(&mut Arguments::open(Reader::new(bytes)).ok()?).ok()
}

fn text<const N: usize>(text: &str) -> Text<'_, N> {
    text.try_into().expect("it is short")
}

fn main() {
    assert_eq!((encoded(&Unit), decoded(&[0x90])), (vec![0x90], Some(Unit)));
    assert_eq!(decoded::<Unit>(&[0x91, 0]), None);

    let tuple = Tuple(3, Str::default(), 4);
    assert_eq!(encoded(&tuple), [0x93, 3, 0xa0, 4]);
    assert_eq!(decoded(&encoded(&tuple)), Some(tuple));
    assert_eq!(decoded(&[0x91, 3]), Some(Tuple(3, Str::default(), 5)));
    assert_eq!(decoded::<Tuple>(&[0x90]), None);

    let rest = vec![text("c"), text("d")].try_into().expect("two fit");
    let borrowed = Borrowed { text: text("a"), pair: (text("b"), 1), rest };
    let bytes = encoded(&borrowed);
    assert_eq!(bytes, [0x94, 0xa1, b'a', 0x92, 0xa1, b'b', 1, 0xa1, b'c', 0xa1, b'd']);
    assert_eq!(decoded(&bytes), Some(borrowed));
    assert_eq!(encoded(&Empty {}), [0x90]);

    let floats = Floats { any: f32::INFINITY, nan: f64::NAN, rest: [f32::NAN].into() };
    let floats: Floats = decoded(&encoded(&floats)).expect("all floats pass");
    assert!(floats.any.is_infinite() && floats.nan.is_nan() && floats.rest[0].is_nan());

    let known = Borrowed::MESSAGE;
    assert_eq!((known.id.0, known.name, known.from, known.before_handshake), (66, "Borrowed", Sender::Anyone, true));
    let names = |message: &'static magicnet::__private::MessageDescriptor| {
        message.parameters.iter().map(|parameter| parameter.name).collect::<Vec<_>>()
    };
    assert_eq!((names(known), names(Tuple::MESSAGE)), (vec!["text", "pair", "rest"], vec!["0", "1", "2"]));
    let Presence::Default(default) = Tuple::MESSAGE.parameters[2].presence else { panic!("it has a default") };
    let mut bytes = Vec::new();
    default(&mut Writer::new(&mut bytes));
    assert_eq!(bytes, [5]);
}
