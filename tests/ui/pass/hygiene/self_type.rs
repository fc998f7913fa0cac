//! `Self` in an attribute is the type that it stands in.

#![allow(dead_code)]

use magicnet::prelude::*;
#[network_object(name = "door", role = server, create = Self::may)]
struct Door {
    #[network_field(to = viewers, default = Self::START)]
    open: u8,
}
impl Door {
    const START: u8 = 4;
    fn new() -> Self {
        Self { open: 1 }
    }
    fn may(_: &magicnet::Connection) -> bool {
        true
    }
    fn small(value: &u8) -> bool {
        *value < 3
    }
}
#[network_object(factory = Self::new)]
impl Door {
    #[network_field(from = Self::may)]
    fn knock(&mut self, _cx: &mut DoorCx<'_>, #[arg(default = Self::START, check = Self::small)] n: u8) {
        self.open = n;
    }
}
#[message(id = 64, from = client, allow = Self::may)]
struct Say {
    #[arg(default = Self::N, check = Self::small)]
    n: u8,
}
impl Say {
    const N: u8 = 4;
    fn may(_: &magicnet::Connection) -> bool {
        true
    }
    fn small(value: &u8) -> bool {
        *value < 3
    }
}
#[derive(NetworkType)]
struct Thing {
    #[arg(default = Self::N, check = Self::small)]
    n: u8,
}
impl Thing {
    const N: u8 = 4;
    fn small(value: &u8) -> bool {
        *value < 3
    }
}
fn main() {}
