//! What the owner alone receives does not go both ways.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub struct State {
        #[network_field(to = viewers)]
        pub open: bool,
    }
    pub trait Both {
        fn knock(&mut self);
        #[network_field(from = anyone, to = owner)]
        fn hint(&mut self);
        #[network_field(from = anyone)]
        fn creak(&mut self);
    }
}

#[derive(Default)]
pub struct Door;

#[network_object]
impl door::Both for Door {
    fn knock(&mut self, cx: &mut door::BothCx<'_, Self>) {
        cx.peers().hint();
    }
    fn hint(&mut self, _cx: &mut door::BothCx<'_, Self>) {}
    fn creak(&mut self, _cx: &mut door::BothCx<'_, Self>) {}
}

fn main() {}
