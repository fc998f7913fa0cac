//! A view is built by `Default`, or by a function.

use magicnet::{View, prelude::*};

#[network_object(name = "door")]
pub mod door {
    pub trait Server {
        fn knock(&mut self);
    }
    pub trait Client {}
}

pub struct Door {
    number: u8,
}

impl Door {
    fn numbered() -> Self {
        Self { number: 7 }
    }
}

#[network_object(factory = Door::numbered)]
impl door::Server for Door {
    fn knock(&mut self, _cx: &mut door::ServerCx<'_, Self>) {}
}

pub struct Watcher<T>(T);

impl<T> Watcher<T> {
    fn of(value: T) -> Self {
        Self(value)
    }
}

mod factories {
    pub fn watcher() -> super::Watcher<u8> {
        super::Watcher::of(3)
    }
}

#[network_object(factory = factories::watcher)]
impl door::Client for Watcher<u8> {}

fn main() {
    assert_eq!(Door::make().number, 7);
    assert_eq!(Watcher::make().0, 3);
}
