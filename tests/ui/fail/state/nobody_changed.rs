//! What no peer gets changes for no view.

use magicnet::prelude::*;

#[network_object(name = "door", create = anyone)]
pub mod door {
    pub struct State {
        #[network_field(to = nobody)]
        pub seed: u32,
    }
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl door::Client for Watcher {
    fn seed_changed(&mut self, _cx: &mut door::ClientCx<'_, Self>, _old: u32) {}
}

fn main() {}
