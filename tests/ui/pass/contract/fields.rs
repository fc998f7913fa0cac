//! What fields say of their numbers, of who gets them, of what is kept, and of who may.

use magicnet::prelude::*;
use magicnet::schema::{Caller, Creator, FieldKind, Persist, Receiver};
use magicnet::{Connection, Contract as _, Message as _, Subject};

mod rules {
    pub(crate) fn may_create(sender: &magicnet::Connection) -> bool {
        sender.is_ready()
    }
}

#[network_object(name = "token", create = rules::may_create)]
mod token {
    struct State {
        #[network_field(to = viewers, index = 4, spread, init = creator)]
        at: (f32, f32, u8),
        #[network_field(to = nobody)]
        seed: u64,
        #[network_field(to = owner, persist = ram)]
        cards: List<u8, 5>,
        #[network_field(to = server, always)]
        #[arg(any_float)]
        odds: f64,
        #[network_field(to = viewers, spread)]
        only: (u8,),
        #[network_field(to = viewers, init = creator)]
        r#type: u8,
    }

    trait Server {
        #[network_field(from = may_move, index = 1)]
        fn walk(&mut self, by: u8);
        #[network_field(from = super::may_speak, persist = ram)]
        fn speak(&mut self, words: Text<'_, 8>, #[arg(default)] loud: bool);
        #[network_field(from = anyone, persist = none)]
        fn wink(&mut self);
    }

    trait Client {
        #[network_field(index = 0, persist = ram)]
        fn greet(&mut self, #[arg(rest)] words: List<Str<4>, 3>);
        #[network_field(to = owner, persist = ram)]
        fn whisper(&mut self);
    }
}

fn may_move(sender: &Connection, token: &Subject<'_, token::Contract>) -> bool {
    token.is_owned_by(sender) && token.state().seed == 0
}

fn may_speak(sender: &Connection) -> bool {
    sender.get::<String>().is_some()
}

#[message(id = 70, from = client, allow = may_speak)]
struct Say<'a> {
    text: Text<'a, 8>,
}

#[message(id = 71, from = client)]
struct Wave;

#[derive(Default)]
struct Token;

#[network_object]
impl token::Server for Token {
    fn walk(&mut self, cx: &mut token::ServerCx<'_, Self>, by: u8) {
        cx.state_mut().at.2 = by;
    }
    fn speak(&mut self, _cx: &mut token::ServerCx<'_, Self>, _words: Text<'_, 8>, _loud: bool) {}
    fn wink(&mut self, _cx: &mut token::ServerCx<'_, Self>) {}
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl token::Client for Watcher {
    fn at_changed(&mut self, _cx: &mut token::ClientCx<'_, Self>, _old: (f32, f32, u8)) {}
    fn cards_changed(&mut self, _cx: &mut token::ClientCx<'_, Self>, _old: List<u8, 5>) {}
    fn type_changed(&mut self, _cx: &mut token::ClientCx<'_, Self>, _old: u8) {}
    fn greet(&mut self, cx: &mut token::ClientCx<'_, Self>, _words: List<Str<4>, 3>) {
        // Who may is the server's to ask.
        cx.server().walk(1);
    }
    fn whisper(&mut self, _cx: &mut token::ClientCx<'_, Self>) {}
}

fn make(node: &magicnet::NodeHandle) {
    let token = node.create::<token::Contract>().init(|token| token.at((1.0, 2.0, 3)));
    let _ = token.init(|token| token.r#type(7)).call(|token| token.wink());
}

fn main() {
    let _ = make;
    let object = token::Contract::OBJECT;
    assert_eq!(object.create, Creator::Accepted { by: "rules::may_create" });
    assert_eq!(object.properties, [Some(4), None, Some(1), Some(2), Some(3), Some(5)]);
    let [client, server] = object.roles else { panic!("there are two roles") };
    let names =
        |fields: &[magicnet::schema::FieldDescriptor]| fields.iter().map(|field| field.name).collect::<Vec<_>>();
    assert_eq!(
        names(client.fields),
        ["greet", "set_cards", "set_odds", "set_only", "set_at", "set_type", "whisper"]
    );
    assert_eq!(names(server.fields), ["speak", "walk", "wink"]);
    let property = |property, to, always, init| FieldKind::Property { property, to, always, init };
    assert_eq!(client.fields[1].kind, property(2, Receiver::Owner, false, false));
    assert_eq!(client.fields[2].kind, property(3, Receiver::Server, true, false));
    assert_eq!(client.fields[4].kind, property(0, Receiver::Viewers, false, true));
    let parameters: Vec<_> = client.fields[4].parameters.iter().map(|parameter| parameter.name).collect();
    assert_eq!(parameters, ["at_0", "at_1", "at_2"]);
    assert_eq!(client.fields[3].parameters.len(), 1);
    let kept = |fields: &[magicnet::schema::FieldDescriptor]| {
        fields.iter().map(|field| field.persist == Persist::Ram).collect::<Vec<_>>()
    };
    assert_eq!(kept(client.fields), [true; 7]);
    assert_eq!(kept(server.fields), [true, false, false]);
    assert_eq!(server.fields[0].kind, FieldKind::CallToServer { from: Caller::Accepted { by: "super::may_speak" } });
    assert_eq!(server.fields[1].kind, FieldKind::CallToServer { from: Caller::Accepted { by: "may_move" } });
    assert_eq!(Say::ALLOW.map(|allow| allow.by), Some("may_speak"));
    assert!(Wave::ALLOW.is_none());
}
