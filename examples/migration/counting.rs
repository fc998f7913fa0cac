//! The application: a counter that the server makes, and players who count on it. There is no word about transports.

use magicnet::prelude::*;
use magicnet::{BeforeLaunch, Connected, Disconnected, Node, NodeBuilder};
use tokio::sync::oneshot;

#[network_object(name = "counter")]
mod counter {
    struct State {
        #[network_field(to = viewers)]
        pub value: u32,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn count(&mut self);
    }
}

#[derive(Default)]
struct CounterServer;

#[network_object]
impl counter::Server for CounterServer {
    fn count(&mut self, cx: &mut counter::ServerCx<'_, Self>) {
        cx.state_mut().value += 1;
        println!("server: {} counted to {}", player(cx.sender().map(|c| c.get())), cx.state().value);
    }
}

/// How the server calls who is connected: by the order in which they came.
#[derive(Clone, Copy)]
struct Player(u32);

fn player(known: Option<Option<&Player>>) -> String {
    known.flatten().map_or_else(|| "somebody".to_owned(), |Player(number)| format!("player {number}"))
}

/// The server: makes the counter before anybody comes.
pub(crate) fn server() -> NodeBuilder {
    Node::server()
        .view::<CounterServer>()
        .with(0_u32)
        .on(|n, _: BeforeLaunch| {
            n.create::<counter::Contract>().send().expect("a server has authority and a view");
        })
        .on(|n, event: Connected| {
            let players = n.app_mut::<u32>();
            *players += 1;
            let player = Player(*players);
            if let Some(connection) = n.connection_mut(event.connection) {
                connection.insert(player);
            }
        })
        .on(|n, event: Disconnected| {
            let known = n.connection(event.connection).map(|connection| connection.get());
            println!("server: {} is gone: {}", player(known), event.ending);
        })
}

/// What a player remembers.
pub(crate) struct Counting {
    left: u32,
    tell: Option<oneshot::Sender<()>>,
    /// Comes when there is nothing left to count.
    pub(crate) done: Option<oneshot::Receiver<()>>,
}

#[derive(Default)]
struct CounterClient;

#[network_object]
impl counter::Client for CounterClient {
    fn on_generate(&mut self, cx: &mut counter::ClientCx<'_, Self>) {
        println!("player: the counter is at {}", cx.state().value);
        cx.server().count();
    }

    fn value_changed(&mut self, cx: &mut counter::ClientCx<'_, Self>, _old: u32) {
        println!("player: sees {}", cx.state().value);
        let counting = cx.app_mut::<Counting>();
        counting.left = counting.left.saturating_sub(1);
        if counting.left > 0 {
            cx.server().count();
        } else if let Some(done) = counting.tell.take() {
            // Whoever started this may not wait for it.
            let _ = done.send(());
        }
    }
}

/// A player: counts to three, from where the counter is.
pub(crate) fn client() -> NodeBuilder {
    let (tell, done) = oneshot::channel();
    Node::client()
        .view::<CounterClient>()
        .with(Counting { left: 3, tell: Some(tell), done: Some(done) })
        .on(|n, _: Connected| n.request_visible_objects())
}
