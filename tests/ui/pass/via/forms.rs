//! Calls and messages say how they travel.

use magicnet::prelude::*;
use magicnet::schema::Via;
use magicnet::{Contract, Message};

#[network_object(name = "player", create = anyone)]
pub mod player {
    pub trait Server {
        #[network_field(via = sequenced)]
        fn walk(&mut self, x: f32, y: f32);
        #[network_field(from = anyone, via = reliable, persist = ram)]
        fn name(&mut self, name: Str<16>);
    }
    pub trait Client {
        #[network_field(to = viewers, via = unreliable)]
        fn spark(&mut self);
        fn died(&mut self);
    }
}

#[message(id = 64, from = server, via = unreliable)]
pub struct Wind {
    pub strength: f32,
}

#[message(id = 65, from = client)]
pub struct Say {
    pub text: Str<16>,
}

fn main() {
    let object = player::Contract::OBJECT;
    let via = |role, field| object.field(role, field).expect("it is there").1.via;
    assert_eq!([via(1, 0), via(1, 1)], [Via::Sequenced, Via::Reliable]);
    assert_eq!([via(0, 0), via(0, 1)], [Via::Unreliable, Via::Reliable]);
    assert_eq!([Wind::MESSAGE.via, Say::MESSAGE.via], [Via::Unreliable, Via::Reliable]);
}
