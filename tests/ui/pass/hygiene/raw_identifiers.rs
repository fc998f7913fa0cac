//! Raw identifiers are names like others, and have no `r#` on the wire.

use magicnet::__private::NetworkType as _;
use magicnet::__private::Shape;
use magicnet::{Contract, Message, prelude::*};

#[network_object(name = "door")]
pub mod r#mod {
    pub struct State {
        #[network_field(to = viewers)]
        pub r#type: u8,
    }
    pub trait Server {
        fn r#move(&mut self, r#in: u8, #[arg(default = 3)] r#for: u8);
    }
    pub trait Client {
        #[network_field(to = owner)]
        fn r#match(&mut self, #[arg(rest)] r#loop: List<u8, 4>);
    }
}

#[derive(NetworkType)]
pub struct Hinge {
    pub r#struct: u8,
}

#[message(id = 64, from = anyone)]
pub struct Say {
    pub r#where: Str<16>,
}

#[derive(Default)]
pub struct Door;

#[network_object]
impl r#mod::Server for Door {
    fn r#move(&mut self, cx: &mut r#mod::ServerCx<'_, Self>, r#in: u8, _: u8) {
        cx.state_mut().r#type = r#in;
        cx.owner().r#match(List::new());
    }
}

#[derive(Default)]
pub struct Watcher;

#[network_object]
impl r#mod::Client for Watcher {
    fn type_changed(&mut self, cx: &mut r#mod::ClientCx<'_, Self>, _old: u8) {
        if let Some(mine) = cx.owned() {
            mine.server().r#move(1, 2);
        }
    }
    fn r#match(&mut self, _cx: &mut r#mod::ClientCx<'_, Self>, _loop: List<u8, 4>) {}
}

#[message_handler]
fn r#yield(cx: &mut MessageCx<'_>, message: Say) {
    cx.reply(message);
}

fn main() {
    let roles = r#mod::Contract::OBJECT.roles;
    let names = |role: usize| roles[role].fields.iter().map(|field| field.name).collect::<Vec<_>>();
    assert_eq!(names(0), ["set_type", "match"]);
    assert_eq!(names(1), ["move"]);
    let parameters = roles[1].fields[0].parameters.iter().map(|parameter| parameter.name);
    assert_eq!(parameters.collect::<Vec<_>>(), ["in", "for"]);
    assert_eq!(Say::MESSAGE.parameters[0].name, "where");
    assert!(matches!(Hinge::SHAPE, Shape::Struct { name: "Hinge", members: [member] } if member.name == "struct"));
}
