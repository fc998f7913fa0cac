//! Contract modules, traits and macros may be imported under other names.

mod contracts {
    pub mod doors {
        use magicnet::List;
        use magicnet::network_object as contract;

        #[contract(name = "door")]
        pub mod door {
            pub struct State {
                #[magicnet::network_field(to = viewers)]
                pub open: bool,
            }
            pub trait Server {
                #[magicnet::network_field(from = anyone)]
                fn knock(&mut self, times: List<u8, 4>);
            }
            pub trait Client {
                fn creak(&mut self);
            }
        }
    }
}

use contracts::doors::door as portal;
use contracts::doors::door::Client as Watches;
use contracts::doors::door::{ClientCx as Context, ServerCx};
use magicnet::{List as Few, MessageCx as Desk, message as item, message_handler as on, network_object as view};

#[derive(Default)]
struct Door;

#[view]
impl portal::Server for Door {
    fn knock(&mut self, cx: &mut ServerCx<'_, Self>, times: Few<u8, 4>) {
        cx.state_mut().open = times.len() > 2;
        cx.clients().creak();
    }
}

#[derive(Default)]
struct Watcher;

#[view]
impl Watches for Watcher {
    fn creak(&mut self, cx: &mut Context<'_, Self>) {
        cx.server().knock([1, 2].into());
    }
}

#[item(id = 64, from = client)]
struct Say;

#[on]
fn say(cx: &mut Desk<'_>, message: Say) {
    cx.reply(message);
}

fn main() {}
