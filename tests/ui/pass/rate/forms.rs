//! Rates of calls and messages, in all their forms.

use magicnet::prelude::*;
use magicnet::{Contract, Message, Rate, Role};

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub trait Server {
        #[network_field(from = anyone, rate = "20/s, burst 40")]
        fn knock(&mut self);
        #[network_field(rate = "3/min")]
        fn close(&mut self);
        #[network_field(from = anyone, rate = " 100 / h ,  burst  1 ")]
        fn lock(&mut self);
        #[network_field(from = anyone)]
        fn look(&mut self);
    }
}

#[network_object(name = "gate")]
pub mod gate {
    pub trait Both {
        #[network_field(from = anyone, to = viewers, rate = "5/s")]
        fn swing(&mut self);
    }
}

#[network_object(name = "bell", role = server)]
#[derive(Default)]
pub struct Bell;

#[network_object]
impl Bell {
    #[network_field(from = anyone, rate = "1/s")]
    fn ring(&mut self, _cx: &mut BellCx<'_>) {}
}

#[message(id = 65, from = client, rate = "5/s, burst 9")]
pub struct Say {
    pub text: Str<16>,
}

#[message(id = 66, from = anyone, rate = "5/s")]
pub struct Shout;

fn main() {
    let rates: Vec<_> = door::Contract::OBJECT.role(Role::SERVER).unwrap().fields.iter().map(|f| f.rate).collect();
    let expected = [
        Some(Rate::per_second(20).burst(40)),
        Some(Rate::per_minute(3)),
        Some(Rate::per_hour(100).burst(1)),
        None,
    ];
    assert_eq!(rates, expected);
    assert_eq!(gate::Contract::OBJECT.role(Role::BOTH).unwrap().fields[0].rate, Some(Rate::per_second(5)));
    assert_eq!(Say::MESSAGE.rate, Some(Rate::per_second(5).burst(9)));
    assert_eq!(Shout::MESSAGE.rate, Some(Rate::per_second(5)));
}
