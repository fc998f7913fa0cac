//! Fields, arguments and calls may be called like the locals and items of generated code; types may be anywhere.

#![allow(dead_code)]

use magicnet::prelude::*;
mod m {
    use magicnet::prelude::*;
    #[network_object(name = "door", role = server, peer = Peer)]
    #[derive(Default)]
    pub(crate) struct Door {
        #[network_field(to = viewers, init = creator)]
        pub(crate) property: u8,
        #[network_field(to = viewers)]
        w: u8,
        #[network_field(to = viewers)]
        arguments: u8,
        #[network_field(to = viewers)]
        old: u8,
        #[network_field(to = viewers)]
        initial: u8,
        #[network_field(to = viewers, init = creator)]
        stub: u8,
        #[network_field(to = viewers)]
        view: u8,
        #[network_field(to = viewers)]
        cx: u8,
    }
    #[network_object]
    impl Door {
        #[network_field(from = anyone)]
        pub(crate) fn call(
            &mut self,
            cx: &mut DoorCx<'_>,
            view: u8,
            field: u8,
            arguments: u8,
            stub: u8,
            w: u8,
            this: u8,
            old: u8,
        ) {
            let _ = (view, field, arguments, stub, w, this, old);
            cx.clients().stub(1, 2);
        }
        #[network_field(from = anyone)]
        fn property(&mut self, _x: &mut DoorCx<'_>, property: u8) {
            let _ = property;
        }
        #[network_field(from = anyone)]
        fn encode(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn decode(&mut self, _: &mut DoorCx<'_>, mut a: u8) {
            a += 1;
            let _ = a;
        }
        #[network_field(from = anyone)]
        fn clone(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn prepare(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn make(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn to_server(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn to_clients(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn init(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn accepts(&mut self, _: &mut DoorCx<'_>) {}
        #[network_field(from = anyone)]
        fn core(&mut self, _: &mut DoorCx<'_>) {}
        const NUMBER: u8 = 3;
        const FIRST_CALL: u16 = Self::NUMBER as u16;
        const CALLS: u16 = Self::FIRST_CALL;
        fn helper(&self) -> u16 {
            Self::CALLS + Self::SLOT
        }
        const SLOT: u16 = 4;
        fn on_generate(&mut self, _: &mut DoorCx<'_>) {
            let _ = self.helper();
        }
    }
    #[network_object(name = "door", role = client, peer = Door)]
    #[derive(Default)]
    pub(crate) struct Peer;
    #[network_object]
    impl Peer {
        #[network_field(to = viewers)]
        fn stub(&mut self, cx: &mut PeerCx<'_>, writer: u8, reader: u8) {
            cx.server().call(writer, reader, 0, 0, 0, 0, 0);
            cx.server().clone();
            cx.server().init();
        }
        fn stub_changed(&mut self, _: &mut PeerCx<'_>, _: u8) {}
        fn cx_changed(&mut self, _: &mut PeerCx<'_>, _: u8) {}
    }
}
fn f() {
    #[network_object(name = "in", role = server)]
    #[derive(Default)]
    struct In {
        #[network_field(to = viewers)]
        open: bool,
    }
    #[network_object]
    impl In {
        #[network_field(from = anyone)]
        fn knock(&mut self, cx: &mut InCx<'_>) {
            self.open = cx.id().to_u64() > 3;
        }
    }
}
// an impl in another module with a path
mod n {
    use super::*;
    pub(crate) struct Mine {
        pub(crate) x: u8,
    }
    impl Default for Mine {
        fn default() -> Self {
            Self { x: 3 }
        }
    }
    #[network_object(name = "g", role = server)]
    #[derive(Default)]
    pub struct G {
        #[network_field(to = viewers)]
        pub open: bool,
    }
}
#[network_object]
impl n::G {
    #[network_field(from = anyone)]
    fn knock(&mut self, cx: &mut n::GCx<'_>) {
        self.open = cx.id().to_u64() > 3;
    }
}
fn main() {
    f();
    let d = n::Mine::default();
    let _ = d.x;
}
