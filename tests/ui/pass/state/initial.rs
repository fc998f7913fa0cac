//! Properties start with the value that they say, or with their type's; or the user says all.

use magicnet::__private::ObjectState;
use magicnet::prelude::*;

#[network_object(name = "said")]
pub mod said {
    pub struct State {
        #[network_field(to = viewers, default = super::three())]
        pub number: u8,
        #[network_field(to = viewers, default = "oak".parse().expect("it is short"))]
        pub name: Str<4>,
        #[network_field(to = viewers)]
        #[arg(any_float)]
        pub height: f32,
        #[network_field(to = viewers)]
        pub tuple: (u8, Option<bool>),
    }
}

fn three() -> u8 {
    3
}

#[network_object(name = "derived")]
pub mod derived {
    #[derive(Default)]
    pub struct State {
        #[network_field(to = viewers)]
        pub number: u8,
    }
}

#[network_object(name = "written")]
pub mod written {
    pub struct State {
        #[network_field(to = viewers)]
        pub number: u8,
    }
    impl Default for State {
        fn default() -> Self {
            Self { number: 9 }
        }
    }
}

fn main() {
    let said = said::State::initial();
    assert_eq!((said.number, &*said.name, said.height, said.tuple), (3, "oak", 0.0, (0, None)));
    assert_eq!(derived::State::initial().number, 0);
    assert_eq!(written::State::initial().number, 9);
    assert_eq!(<said::State as ObjectState>::PROPERTIES, 4);
}
