//! A condition on an item, or on a method that the framework calls, holds for all that is made of it.

#![deny(warnings)]

use magicnet::prelude::*;
#[network_object(name = "door", role = client)]
#[derive(Default)]
struct Door {
    #[network_field(to = viewers)]
    open: bool,
    #[cfg(any())]
    missing: Missing,
}
#[network_object]
impl Door {
    #[cfg(any())]
    fn on_generate(&mut self, _cx: &mut DoorCx<'_>) {}
    #[cfg(all())]
    fn on_destroy(&mut self, _cx: &mut DoorCx<'_>) {}
    #[cfg(any())]
    fn open_changed(&mut self, _cx: &mut DoorCx<'_>, _old: bool) {}
}
#[network_object(name = "door", role = client)]
#[cfg(any())]
struct Gone {
    #[network_field(to = viewers)]
    open: Missing,
}
#[cfg(any())]
#[network_object]
impl Gone {}
#[network_object]
#[cfg(any())]
impl Gone {}
fn main() {}
#[network_object(name = "door2", role = client)]
#[derive(Default)]
struct Door2 {
    #[network_field(to = viewers)]
    open: bool,
}
#[network_object]
impl Door2 {
    #[cfg(any())]
    fn on_generate(&mut self, _cx: &mut Door2Cx<'_>) {}
    #[cfg(all())]
    fn on_generate(&mut self, _cx: &mut Door2Cx<'_>) {
        self.open = true;
    }
    #[cfg(any())]
    fn open_changed(&mut self, _cx: &mut Door2Cx<'_>, _old: bool) {}
    #[cfg(all())]
    fn open_changed(&mut self, _cx: &mut Door2Cx<'_>, _old: bool) {}
}
