//! Structs with names, with numbers or with nothing are arrays; the tail may be left out where it has defaults.

use magicnet::__private::{Decode, Member, Reader, Shape, Writer};
use magicnet::prelude::*;

#[derive(NetworkType, Clone, Copy, Debug, PartialEq)]
struct Point {
    x: f32,
    #[arg(default)]
    y: f32,
    #[arg(default = -1.5)]
    z: f32,
}

#[derive(NetworkType, Debug, PartialEq)]
struct Line(Point, Point);

#[derive(NetworkType, Debug, PartialEq)]
struct Nothing;

#[derive(NetworkType, Debug, PartialEq)]
struct Label<'text> {
    text: Text<'text, 8>,
    at: Option<Point>,
    #[arg(default = "x".try_into().expect("it is short"))]
    unit: Text<'text, 4>,
}

#[derive(NetworkType, Debug, PartialEq)]
struct Wrapped(Str<{ 2 + 2 }>, List<(u8, bool), 4>);

fn encoded(value: &impl NetworkType) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.encode(&mut Writer::new(&mut bytes));
    bytes
}

fn decoded<'a, T: Decode<'a>>(bytes: &'a [u8]) -> Option<T> {
    let mut reader = Reader::new(bytes);
    let value = T::decode(&mut reader).ok()?;
    reader.rest().is_empty().then_some(value)
}

fn main() {
    let point = Point { x: 0.0, y: 1.0, z: 2.0 };
    let bytes = encoded(&point);
    assert_eq!((bytes[0], bytes.len()), (0x93, 16));
    assert!(bytes.len() <= Point::MAX_SIZE);
    assert_eq!(decoded(&bytes), Some(point));
    assert_eq!(decoded(&[0x91, 0xca, 0, 0, 0, 0]), Some(Point { x: 0.0, y: 0.0, z: -1.5 }));
    assert_eq!(decoded::<Point>(&[0x90]), None);
    assert_eq!(decoded::<Nothing>(&[0x90]), Some(Nothing));
    assert_eq!(decoded::<Nothing>(&[0x91, 0]), None);
    assert_eq!(decoded(&encoded(&Line(point, point))), Some(Line(point, point)));
    assert_eq!(
        decoded(&[0x92, 0xa1, b'm', 0xc0]),
        Some(Label {
            text: "m".try_into().expect("it is short"),
            at: None,
            unit: "x".try_into().expect("it is short")
        })
    );
    let wrapped = Wrapped("four".try_into().expect("it fits"), [(1, true)].into());
    assert_eq!(decoded(&encoded(&wrapped)), Some(wrapped));
    let Shape::Struct { name: "Point", members: [x, y, z] } = Point::SHAPE else { panic!("it is a struct") };
    let told = |member: &Member| (member.name, member.has_default);
    assert_eq!([x, y, z].map(told), [("x", false), ("y", true), ("z", true)]);
}
