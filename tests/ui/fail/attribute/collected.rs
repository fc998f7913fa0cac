//! All mistakes are reported in one build.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyon)]
pub mod door {
    pub struct State {
        pub open: bool,
    }
    pub trait Server {
        #[network_field(form = anyone)]
        fn knock(&mut self, how: String);
    }
}

pub struct Door;

#[network_object(factory = new_door)]
impl door::Server for Door {
    fn knock(&mut self, cx: &mut door::ServerCx<'_, Self>, _how: String) {
        cx.state_mut().open = true;
        cx.clients();
    }
}

fn new_door() -> Door {
    Door
}

fn main() {}
