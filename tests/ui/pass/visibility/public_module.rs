//! A public contract needs no `pub` inside either.

#![allow(dead_code)]
#![deny(private_interfaces, private_bounds)]

pub mod house {
    pub mod inside {
        use magicnet::prelude::*;

        #[derive(NetworkType, Clone, Copy, Default)]
        pub struct Point(f32, f32);

        #[network_object(name = "door")]
        pub mod door {
            struct State {
                #[network_field(to = viewers)]
                place: Point,
            }
            trait Server {
                fn carry(&mut self, to: Point);
            }
            trait Client {
                fn carried(&mut self, from: Point);
            }
        }

        #[derive(Default)]
        struct Door;

        #[network_object]
        impl door::Server for Door {
            fn carry(&mut self, cx: &mut door::ServerCx<'_, Self>, to: Point) {
                cx.clients().carried(cx.state().place);
                cx.state_mut().place = to;
            }
        }
    }

    use inside::{Point, door};
    use magicnet::network_object;

    #[derive(Default)]
    struct Watcher;

    #[network_object]
    impl door::Client for Watcher {
        fn place_changed(&mut self, cx: &mut door::ClientCx<'_, Self>, _old: Point) {
            let _now = cx.state().place;
        }
        fn carried(&mut self, _cx: &mut door::ClientCx<'_, Self>, _from: Point) {}
    }

}

fn main() {}
