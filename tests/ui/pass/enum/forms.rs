//! Enums without members are numbers; with members they are arrays that begin with the number.

use magicnet::__private::{Decode, Member, Reader, Shape, Variant, Writer};
use magicnet::prelude::*;

#[derive(NetworkType, Clone, Copy, Debug, Default, PartialEq)]
enum Stance {
    #[default]
    Standing,
    Sitting,
    r#In,
}

#[derive(NetworkType, Debug, PartialEq)]
enum Order<'text> {
    Wait,
    Walk {
        x: f32,
        #[arg(default)]
        y: f32,
        #[arg(default = -1.5, any_float)]
        z: f32,
    },
    Follow(Text<'text, 8>, Stance),
    Nothing {},
    Nobody(),
    Both((u8, u8), List<Inner, 2>),
}

#[derive(NetworkType, Debug, PartialEq)]
enum Inner {
    Only(u8),
}

#[derive(NetworkType, Debug, PartialEq)]
enum Alone {
    One,
}

#[derive(NetworkType, Debug, PartialEq)]
struct Plan<'text> {
    first: Order<'text>,
    #[arg(default)]
    stance: Stance,
}

#[network_object(name = "unit", create = anyone)]
mod unit {
    pub struct State {
        #[network_field(to = viewers)]
        pub stance: Stance,
        #[network_field(to = viewers, default = Inner::Only(4))]
        pub inner: Inner,
    }
    pub trait Server {
        fn go(&mut self, order: Order<'_>, #[arg(default = Stance::Sitting)] stance: Stance);
        fn all(&mut self, #[arg(rest)] stances: List<Stance, 4>);
    }
}

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
    assert_eq!(encoded(&Stance::r#In), [2]);
    assert_eq!(decoded(&[1]), Some(Stance::Sitting));
    assert_eq!(decoded::<Stance>(&[3]), None);
    assert_eq!((Stance::MAX_SIZE, Alone::MAX_SIZE), (1, 1));
    assert_eq!(encoded(&Alone::One), [0]);

    assert_eq!(encoded(&Order::Wait), [0x91, 0]);
    assert_eq!(encoded(&Order::Nothing {}), [0x91, 3]);
    assert_eq!(encoded(&Order::Nobody()), [0x91, 4]);
    let follow = Order::Follow("me".try_into().expect("it is short"), Stance::Sitting);
    assert_eq!(encoded(&follow), [0x93, 2, 0xa2, b'm', b'e', 1]);
    assert_eq!(decoded(&encoded(&follow)), Some(follow));
    let both = Order::Both((1, 2), [Inner::Only(3), Inner::Only(4)].into());
    assert_eq!(encoded(&both), [0x93, 5, 0x92, 1, 2, 0x92, 0x92, 0, 3, 0x92, 0, 4]);
    assert_eq!(decoded(&encoded(&both)), Some(both));
    let far = Order::Walk { x: 0.0, y: 0.0, z: f32::INFINITY };
    assert_eq!(decoded(&encoded(&far)), Some(far));
    assert_eq!(decoded(&[0x92, 1, 0]), Some(Order::Walk { x: 0.0, y: 0.0, z: -1.5 }));
    assert_eq!(decoded::<Order<'_>>(&[0x91, 1]), None);
    assert_eq!(decoded::<Order<'_>>(&[0x92, 0, 0]), None);
    assert_eq!(decoded::<Order<'_>>(&[0]), None);
    assert_eq!(
        decoded(&[0x91, 0x91, 0]),
        Some(Plan { first: Order::Wait, stance: Stance::Standing })
    );

    let Shape::Enum { name: "Order", variants } = Order::SHAPE else { panic!("it is an enum") };
    let told = |variant: &Variant| (variant.name, variant.members.len());
    assert_eq!(
        variants.iter().map(told).collect::<Vec<_>>(),
        [("Wait", 0), ("Walk", 3), ("Follow", 2), ("Nothing", 0), ("Nobody", 0), ("Both", 2)]
    );
    let [x, y, _] = variants[1].members else { panic!("it has three members") };
    let told = |member: &Member| (member.name, member.has_default);
    assert_eq!([x, y].map(told), [("x", false), ("y", true)]);
    assert!(matches!(Stance::SHAPE, Shape::Enum { variants: [_, _, Variant { name: "In", .. }], .. }));
}
