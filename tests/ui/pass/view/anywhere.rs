//! Contracts and views stand in any module; views also in functions.

use magicnet::prelude::*;

mod shared {
    use magicnet::prelude::*;

    #[network_object(name = "outer")]
    pub mod outer {
        pub trait Server {
            fn knock(&mut self);
        }

        #[network_object(name = "inner")]
        pub mod inner {
            pub trait Client {
                fn creak(&mut self);
            }
        }
    }
}

mod views {
    use super::shared::outer;
    use magicnet::network_object;

    #[derive(Default)]
    struct Door;

    #[network_object]
    impl outer::Server for Door {
        fn knock(&mut self, cx: &mut outer::ServerCx<'_, Self>) {
            cx.destroy();
        }
    }
}

fn main() {
    #[derive(Default)]
    struct Watcher;

    #[network_object]
    impl shared::outer::inner::Client for Watcher {
        fn creak(&mut self, _cx: &mut shared::outer::inner::ClientCx<'_, Self>) {}
    }
}
