//! The server under attack, and the bystander who must not notice.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};

use magicnet::{AnyEvent, Connect, Event, Node, NodeBuilder, NodeCx, Object, Running, Tcp};
use magicnet_tests::{PATIENCE, Socket};
use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, Runtime};

use crate::contracts::{Blob, Number, Numbers, Said, Trap, explode, one_number, say};

/// A server with one object, a number, and a handshaken peer that sees it.
pub(crate) struct Stage {
    events: Receiver<AnyEvent>,
    server: Running,
    runtime: Runtime,
    pub(crate) bystander: Socket,
    pub(crate) number: Object<one_number::Contract>,
    value: i32,
}

/// The number on every stage: the first object of the server's own repository.
pub(crate) const NUMBER: u64 = (1 << 32) + 1;

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|node| node)
    }

    /// A stage whose server is set up further.
    pub(crate) fn with(configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Self {
        let runtime = runtime();
        let (tell, events) = channel();
        let node = Node::server()
            .listen(Tcp::bind("127.0.0.1:0"))
            .motd("hello")
            .view::<Blob>()
            .view::<Number>()
            .view::<Numbers>()
            .view::<Trap>()
            .handler::<say>()
            .handler::<explode>()
            .message::<Said>()
            .on_any(move |_, event| {
                // The test may have ended.
                let _ = tell.send(event.clone());
            });
        let server = runtime.block_on(configure(node).start()).expect("the server starts");
        let number = runtime
            .block_on(server.handle().run(|n| n.create().send()))
            .expect("the server runs")
            .expect("the server has authority");
        let mut bystander = Socket::connect(address(&server));
        bystander.shake_hands();
        let mut stage = Self { events, server, runtime, bystander, number, value: 0 };
        // What belongs to its handshake comes before the first update.
        let _ = stage.bystander_sees_an_update();
        stage
    }

    /// A peer that is connected and has said nothing.
    pub(crate) fn stranger(&self) -> Socket {
        Socket::connect(self.address())
    }

    /// A handshaken peer and its repository.
    pub(crate) fn peer(&self) -> (Socket, u32) {
        let mut peer = self.stranger();
        let repository = peer.shake_hands();
        (peer, repository)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        address(&self.server)
    }

    /// Where the server listens: by TCP first, then as it was set up.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        self.server.local_addrs()
    }

    /// The way to a place where the server listens.
    pub(crate) fn way(&self, place: usize) -> Connect {
        self.server.local_endpoints()[place].to_string().parse().expect("it is written as one connects to it")
    }

    /// Does something with the server.
    pub(crate) fn run<R: Send + 'static>(
        &self,
        act: impl FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
    ) -> R {
        let done = self.server.handle().run(act);
        self.runtime.block_on(done).expect("the server runs as long as its stage")
    }

    /// The next event of the server's that is `wanted`; those before it are forgotten.
    pub(crate) fn event<E: Event + Clone>(&self, wanted: impl Fn(&E) -> bool) -> E {
        next_event(&self.events, wanted)
    }

    /// The server still serves: the number changes and the bystander hears of it. Returns what it heard before that.
    #[must_use = "what the bystander heard says what the attack did"]
    pub(crate) fn bystander_sees_an_update(&mut self) -> Vec<String> {
        let number = self.number;
        self.run(move |n| n.object(number).server().add_value(1));
        self.value += 1;
        let update = shown(&json!([10, [NUMBER, 0, 0, [self.value]]]));
        let mut before = Vec::new();
        loop {
            let message = self.bystander.next_message().expect("the bystander stays connected");
            if message == update {
                return before;
            }
            before.push(message);
        }
    }

    /// How many connections the server has.
    pub(crate) fn connections(&self) -> usize {
        self.run(|n| n.connections().count())
    }
}

/// Waits until the server has handled everything that the peer has sent; returns what the peer heard meanwhile, but
/// for updates of the stage's number.
pub(crate) fn fence(peer: &mut Socket) -> Vec<String> {
    peer.send_datagram(&datagram(&[json!([65, ["fence"]])]));
    let mut before = Vec::new();
    loop {
        let message = peer.next_message().expect("the peer stays connected");
        if message == r#"[66,["fence"]]"# {
            return before;
        }
        if !message.starts_with(&format!("[10,[{NUMBER},0,0,")) {
            before.push(message);
        }
    }
}

/// The next event that is `wanted`; those before it are forgotten.
pub(crate) fn next_event<E: Event + Clone>(events: &Receiver<AnyEvent>, wanted: impl Fn(&E) -> bool) -> E {
    let mut others = Vec::new();
    loop {
        let Ok(event) = events.recv_timeout(PATIENCE) else {
            panic!("the event did not come; others did: {others:#?}");
        };
        match event.downcast::<E>().filter(|event| wanted(event)) {
            Some(event) => return event.clone(),
            None => others.push(event),
        }
    }
}

/// The server's thread is not the test's, which waits for sockets.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("the system gives a thread")
}

fn address(server: &Running) -> SocketAddr {
    server.local_addr().expect("the server listens on TCP")
}

/// Messages as the bytes of one datagram.
pub(crate) fn datagram(messages: &[Json]) -> Vec<u8> {
    let encoded = messages.iter().map(|message| rmp_serde::to_vec(message).expect("JSON fits msgpack"));
    encoded.flatten().collect()
}

/// A message in the form in which a [`Socket`] shows those that come.
pub(crate) fn shown(message: &Json) -> String {
    message.to_string()
}

/// What a bystander should have heard of an attack.
pub(crate) const NOTHING: [&str; 0] = [];
