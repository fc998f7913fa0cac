//! `piece`: a property that is spread over several arguments, and calls that are kept for late joiners.

use std::time::Duration;

use magicnet::Flush;
use magicnet::prelude::*;
use serde_json::{Value as Json, json};

use crate::nodes::{Ears, Ours};
use crate::python::{Python, Version};

/// The same as in `python/piece_views.py`.
#[network_object(name = "piece", create = anyone)]
mod piece {
    struct State {
        #[network_field(to = viewers, spread, default = (1, 2))]
        pos: (i32, i32),
    }
    trait Server {
        #[network_field(from = anyone)]
        fn move_to(&mut self, x: i32, y: i32);
        #[network_field(persist = ram)]
        fn rename(&mut self, name: Str<16>);
    }
    trait Client {
        #[network_field(persist = ram)]
        fn named(&mut self, name: Str<16>);
    }
}

#[derive(Default)]
struct PieceServer;

#[network_object]
impl piece::Server for PieceServer {
    fn move_to(&mut self, cx: &mut piece::ServerCx<'_, Self>, x: i32, y: i32) {
        cx.state_mut().pos = (x, y);
    }

    fn rename(&mut self, cx: &mut piece::ServerCx<'_, Self>, name: Str<16>) {
        cx.clients().named(name);
    }
}

/// Tells its name wherever it has come ten steps further.
#[derive(Default)]
struct Walker;

#[network_object]
impl piece::Server for Walker {
    fn move_to(&mut self, cx: &mut piece::ServerCx<'_, Self>, x: i32, y: i32) {
        cx.state_mut().pos = (x, y);
        if x % 10 == 0 {
            cx.clients().named(Str::truncated(&format!("at {x}")));
        }
    }

    fn rename(&mut self, cx: &mut piece::ServerCx<'_, Self>, name: Str<16>) {
        cx.clients().named(name);
    }
}

#[derive(Default)]
struct PieceClient;

#[network_object]
impl piece::Client for PieceClient {
    fn on_generate(&mut self, cx: &mut piece::ClientCx<'_, Self>) {
        cx.app::<Ears>().hear(format!("generated {:?}", cx.state().pos));
    }

    fn pos_changed(&mut self, cx: &mut piece::ClientCx<'_, Self>, _old: (i32, i32)) {
        cx.app::<Ears>().hear(format!("pos {:?}", cx.state().pos));
    }

    fn named(&mut self, cx: &mut piece::ClientCx<'_, Self>, name: Str<16>) {
        cx.app::<Ears>().hear(format!("named {name}"));
    }
}

fn pos(object: u64, x: i32, y: i32) -> Json {
    json!({"event": "pos", "oid": object, "x": x, "y": y})
}

fn named(object: u64, name: &str) -> Json {
    json!({"event": "named", "oid": object, "name": name})
}

pub(crate) fn rust_server(version: Version) {
    at_once(version);
    under_a_tick(version);
}

fn at_once(version: Version) {
    let server = Ours::server(|node| node.view::<PieceServer>());
    let (mut owner, repository) = Python::ready_client(version, "piece_client.py", server.port(), &[]);
    let (mut other, _) = Python::ready_client(version, "piece_client.py", server.port(), &[]);
    owner.command("new Ada");
    let object = (u64::from(repository) << 32) + 1;
    let generated = json!({"event": "generated", "oid": object, "owner": repository, "zone": 0});
    for client in [&mut owner, &mut other] {
        client.tells(&pos(object, 1, 2));
        client.tells(&named(object, "Ada"));
        client.tells(&generated);
    }
    other.command(&format!("move {object} 300 -400"));
    for client in [&mut owner, &mut other] {
        client.tells(&pos(object, 300, -400));
        assert_eq!(client.left("named"), [] as [Json; 0]);
    }
    let (mut late, _) = Python::ready_client(version, "piece_client.py", server.port(), &[]);
    late.command("visible");
    late.tells(&pos(object, 300, -400));
    late.tells(&named(object, "Ada"));
    late.tells(&generated);
}

/// What waits for a tick comes in order: each call behind the newest state that it was made with, and no other state.
fn under_a_tick(version: Version) {
    let tick = Flush::every(Duration::from_millis(50));
    let server = Ours::server(|node| node.view::<Walker>().flush(tick));
    let (mut owner, repository) = Python::ready_client(version, "piece_client.py", server.port(), &[]);
    let (mut other, _) = Python::ready_client(version, "piece_client.py", server.port(), &[]);
    let ours = Ours::client(server.port(), |node| node.view::<PieceClient>());
    owner.command("new Ada");
    let object = (u64::from(repository) << 32) + 1;
    for client in [&mut owner, &mut other] {
        client.tells(&json!({"event": "generated", "oid": object, "owner": repository, "zone": 0}));
        // What it begins with.
        assert_eq!((client.left("pos").len(), client.left("named").len()), (1, 1));
    }
    let mut begins = [ours.next_heard(), ours.next_heard()];
    begins.sort();
    assert_eq!(begins, ["generated (1, 2)", "named Ada"]);
    for round in 0..3 {
        // Fifty turns, of which nothing is written before the last.
        server.run(move |n| {
            let piece = n.objects::<piece::Contract>()[0];
            (1..=50).for_each(|step| n.object(piece).server().move_to(100 * round + step, -1_000 - step));
        });
        for step in [10, 20, 30, 40, 50] {
            let (x, y) = (100 * round + step, -1_000 - step);
            let name = format!("at {x}");
            for client in [&mut owner, &mut other] {
                let next = [(); 2].map(|()| client.event_of(&["pos", "named"]));
                assert_eq!(next, [pos(object, x, y), named(object, &name)]);
            }
            ours.hears(format!("pos {:?}", (x, y)));
            ours.hears(format!("named {name}"));
        }
    }
}

pub(crate) fn python_server(version: Version) {
    let (_server, port) = Python::server(version, "piece_server.py", &[]);
    let [owner, other] = [(); 2].map(|()| Ours::client(port, |node| node.view::<PieceClient>()));
    let rename = |name: &str| Str::<16>::truncated(name);
    let piece = owner.create::<piece::Contract>(|new| new.call(|piece| piece.rename(rename("Ada"))));
    for client in [&owner, &other] {
        // What nobody has set is as our contract begins.
        client.hears("named Ada");
        client.hears("generated (1, 2)");
    }
    other.run(move |n| n.object(piece).server().move_to(300, -400));
    for client in [&owner, &other] {
        client.hears("pos (300, -400)");
    }
    let late = Ours::client(port, |node| node.view::<PieceClient>());
    late.run(|n| n.request_visible_objects());
    late.hears("named Ada");
    late.hears("generated (300, -400)");
}
