//! Files alone; with all that may be said; renamed; in a function's module.

#![deny(missing_docs, unused, warnings)]

use magicnet::prelude::*;

/// Without anything else.
pub mod plain {
    magicnet::manifest!("ui/manifests/client.json", "ui/manifests/server.json");
}

fn is_short(text: &Str<8>) -> bool {
    text.len() < 5
}

magicnet::manifest! {
    "ui/manifests/server.json", "ui/manifests/client.json",;

    /// A door.
    #[network_object(name = "door", create = anyone, on_owner_left = keep)]
    pub(crate) mod gate {
        pub(crate) struct State {
            /// Whether it is open: Python's `int` from 0 to 255 has room for it.
            #[network_field(to = viewers, wire = "set_open", default = true)]
            pub(crate) is_open: bool,
            /// Two arguments are a tuple, which is spread whether it says so or not.
            #[network_field(to = viewers, spread)]
            pub(crate) at,
        }
        /// What it is asked.
        pub(crate) trait Server {
            #[network_field(from = anyone, wire = "knock")]
            fn rap(&mut self, #[arg(default = 2)] times);
            fn shout(#[arg(check = is_short)] text: Str<8>);
        }
        pub(crate) trait Client {
            #[network_field(to = owner)]
            fn creak;
        }
    }
}

#[derive(Default)]
struct Gate;

#[network_object]
impl gate::Server for Gate {
    fn rap(&mut self, cx: &mut gate::ServerCx<'_, Self>, times: u8) {
        cx.state_mut().is_open = times > 2;
        cx.owner().creak();
        cx.state_mut().at = (1, -1);
    }
    fn shout(&mut self, cx: &mut gate::ServerCx<'_, Self>, text: Str<8>) {
        if text == "hush" {
            cx.reject("no");
        }
    }
}

fn main() {
    let manifest = magicnet::Node::server().view::<Gate>().manifest().to_json();
    assert!(manifest.contains("knock"));
}
