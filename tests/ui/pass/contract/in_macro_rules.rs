//! A contract may come out of a user's macro.

use magicnet::prelude::*;

macro_rules! contract {
    ($name:literal, $module:ident, $type:ty, $call:ident) => {
        #[network_object(name = $name)]
        pub mod $module {
            pub struct State {
                #[network_field(to = viewers)]
                pub value: $type,
            }
            pub trait Server {
                #[network_field(from = anyone)]
                fn $call(&mut self, value: $type);
            }
        }
    };
}

contract!("number", number, i32, set_number);
contract!("text", text, Str<16>, set_text);

#[derive(Default)]
struct Number;

#[network_object]
impl number::Server for Number {
    fn set_number(&mut self, cx: &mut number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value = value;
    }
}

fn main() {}
