//! A contract in a private module needs no `pub` inside, and takes types that are as private.

#![deny(warnings, unreachable_pub)]

use magicnet::prelude::*;

#[derive(NetworkType, Clone, Copy, Default)]
struct Point(f32, f32);

#[network_object(name = "door")]
mod door {
    struct State {
        #[network_field(to = viewers)]
        place: Point,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn carry(&mut self, to: Point, #[arg(default)] then: Point, #[arg(rest)] via: List<Point, 4>);
    }
    trait Client {
        fn carried(&mut self, from: Point);
    }
}

#[message(id = 64, from = client)]
struct Say {
    at: Point,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    cx.reply(message);
}

#[derive(Default)]
struct Door;

#[network_object]
impl door::Server for Door {
    fn carry(&mut self, cx: &mut door::ServerCx<'_, Self>, to: Point, _: Point, _: List<Point, 4>) {
        let from = cx.state().place;
        cx.state_mut().place = to;
        cx.clients().carried(from);
    }
}

#[derive(Default)]
struct Watcher;

#[network_object]
impl door::Client for Watcher {
    fn place_changed(&mut self, cx: &mut door::ClientCx<'_, Self>, old: Point) {
        cx.server().carry(old, old, List::new());
    }
    fn carried(&mut self, _cx: &mut door::ClientCx<'_, Self>, _from: Point) {}
}

fn main() {}
