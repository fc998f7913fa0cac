//! What a busy node allocates: nothing, once it is warm, from a frame that came to the bytes that were written.
//!
//! Counted on the thread of the server alone, for calls with numbers and with borrowed text, state of several
//! properties and messages, seen by a hundred viewers; and for one of the viewers. What is left of those who come and
//! go is in [`visits`].

mod visits;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use magicnet::prelude::*;
use magicnet::{
    BytesMiddleware, Connect, Endpoint, Listen, MessageMiddleware, Node, NodeBuilder, NodeHandle,
    PassingMessage, Tcp, Time, Verdict, memory,
};

#[network_object(name = "walker", create = anyone)]
mod walker {
    struct State {
        #[network_field(to = viewers)]
        pub steps: u32,
        #[network_field(to = viewers)]
        pub place: (f32, f32),
        #[network_field(to = viewers)]
        pub name: Str<64>,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn step(&mut self, by: u32);
        #[network_field(from = anyone)]
        fn shout(&mut self, text: Text<'_, 64>);
    }
    trait Client {
        fn heard(&mut self, text: Text<'_, 64>);
    }
}

#[derive(Default)]
struct WalkerServer;

#[network_object]
impl walker::Server for WalkerServer {
    fn step(&mut self, cx: &mut walker::ServerCx<'_, Self>, by: u32) {
        let state = cx.state_mut();
        state.steps = state.steps.wrapping_add(by);
        state.place.0 += 1.0;
    }

    fn shout(&mut self, cx: &mut walker::ServerCx<'_, Self>, text: Text<'_, 64>) {
        cx.clients().heard(text);
    }
}

#[derive(Default)]
struct WalkerClient;

#[network_object]
impl walker::Client for WalkerClient {
    fn heard(&mut self, cx: &mut walker::ClientCx<'_, Self>, text: Text<'_, 64>) {
        assert_eq!(&*text, WORDS);
        *cx.app_mut::<u64>() += 1;
    }

    fn steps_changed(&mut self, cx: &mut walker::ClientCx<'_, Self>, _: u32) {
        *cx.app_mut::<u64>() += 1;
    }
}

#[message(id = 64, from = client)]
struct Waved {
    times: u32,
}

#[message(id = 65, from = server)]
struct Seen {
    times: u32,
}

#[message_handler(role = server)]
fn waved(cx: &mut MessageCx<'_>, message: Waved) {
    cx.to_all_except_sender(Seen { times: message.times });
    cx.reply(Seen { times: message.times });
}

#[message_handler(role = client)]
fn seen(cx: &mut MessageCx<'_>, _: Seen) {
    *cx.app_mut::<u64>() += 1;
}

const WORDS: &str = "words of a length that no small string would hold inline";
const VIEWERS: usize = 100;
const WARM_UP: usize = 300;
const ROUNDS: usize = 2_000;
/// What each viewer is told of in each round: a step, a shout, and that somebody has waved.
const NEWS: usize = 3;

fn server() -> NodeBuilder {
    Node::server().view::<WalkerServer>().handler::<waved>().message::<Seen>()
}

fn client() -> NodeBuilder {
    Node::client().view::<WalkerClient>().handler::<seen>().message::<Waved>().with(0_u64)
}

fn act(n: &mut magicnet::NodeCx<'_>, walker: Object<walker::Contract>) {
    n.send_to_all(Waved { times: 1 });
    let walker = n.object(walker);
    walker.server().step(3);
    walker.server().shout(WORDS.try_into().expect("it is short enough"));
}

/// Passes on everything, and both halves of it have something to do.
struct Veil;

impl BytesMiddleware for Veil {
    fn overhead(&self) -> usize {
        1
    }

    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.iter_mut().for_each(|byte| *byte ^= 0x5a);
        datagram.push(0);
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        datagram.pop();
        datagram.iter_mut().for_each(|byte| *byte ^= 0x5a);
        Ok(Verdict::Pass)
    }
}

/// Counts, for everybody or for each.
struct Count {
    messages: u64,
    is_per_recipient: bool,
}

impl MessageMiddleware for Count {
    fn is_per_recipient(&self) -> bool {
        self.is_per_recipient
    }

    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        self.messages += u64::from(message.params().left() > 0);
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        self.send(message)
    }
}

fn veiled<D>(endpoint: impl Into<Endpoint<D>>) -> Endpoint<D> {
    endpoint.into().middleware(|| Veil)
}

fn counted(endpoint: Listen, is_per_recipient: bool) -> Listen {
    endpoint.message_middleware(move || Count { messages: 0, is_per_recipient })
}

#[test]
fn a_warm_server_in_memory_allocates_nothing() {
    let (port, dial) = memory::port();
    in_memory("memory", port.into(), || dial.clone().into());
}

#[test]
fn a_warm_server_with_middleware_allocates_nothing() {
    let (port, dial) = memory::port();
    in_memory("shared middleware", counted(port.into(), false), || dial.clone().into());
    let (port, dial) = memory::port();
    in_memory("middleware for each", counted(counted(veiled(port), false), true), || veiled(dial.clone()));
}

fn in_memory(what: &str, listen: Listen, connect: impl Fn() -> Connect) {
    let mut server = server().listen(listen).build().unwrap();
    let mut clients: Vec<Node> = (0..VIEWERS).map(|_| client().connect(connect()).build().unwrap()).collect();
    let mut walker = None;
    let (mut allocations, mut of_viewer) = (0, 0);
    for round in 0..WARM_UP + ROUNDS {
        let now = Time::after_start(Duration::from_millis(u64::try_from(round).unwrap()));
        let (viewer, others) = clients.split_last_mut().expect("there are many");
        for client in others {
            client.tick(now).unwrap();
        }
        let seen = allocation_counter::measure(|| viewer.tick(now).unwrap());
        match walker {
            None => {
                let speaker = &mut clients[0];
                walker = speaker.run(now, |n| n.create::<walker::Contract>().send()).ok();
            }
            Some(walker) => clients[0].run(now, |n| act(n, walker)),
        }
        clients[0].tick(now).unwrap();
        let counted = allocation_counter::measure(|| server.tick(now).unwrap());
        if round >= WARM_UP {
            allocations += counted.count_total;
            of_viewer += seen.count_total;
        }
    }
    let deliveries: u64 = clients.iter_mut().map(|client| client.run(Time::ZERO, |n| *n.app::<u64>())).sum();
    println!("{what}: {allocations} allocations for {deliveries} deliveries to {VIEWERS} viewers");
    assert!(deliveries >= u64::try_from(NEWS * ROUNDS * VIEWERS).unwrap());
    assert_eq!((allocations, of_viewer), (0, 0), "of the server, and of a viewer");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The clients of the TCP story, on a thread of their own: they say when they are warm and when they are done.
fn crowd(address: String, stages: mpsc::Sender<u64>, go_on: mpsc::Receiver<()>) {
    runtime().block_on(async {
        let mut clients = Vec::new();
        for _ in 0..VIEWERS {
            clients.push(client().connect(Tcp::connect(&*address)).start().await.unwrap());
        }
        let handles: Vec<NodeHandle> = clients.iter().map(magicnet::Running::handle).collect();
        for handle in &handles {
            handle.connected().await.unwrap();
        }
        let walker = handles[0].create::<walker::Contract>().await.unwrap();
        for rounds in [WARM_UP, ROUNDS] {
            let before = heard(&handles).await;
            for _ in 0..rounds {
                handles[0].run(move |n| act(n, walker)).await.unwrap();
                // One round after the other: the viewers are the ones to say that it has arrived.
                tokio::task::yield_now().await;
            }
            let expected = before + u64::try_from(NEWS * rounds * VIEWERS).unwrap();
            let give_up = Instant::now() + Duration::from_secs(60);
            while heard(&handles).await < expected {
                assert!(Instant::now() < give_up, "{} of {expected} deliveries", heard(&handles).await);
                tokio::task::yield_now().await;
            }
            stages.send(expected - before).unwrap();
            go_on.recv().unwrap();
        }
        for client in clients {
            client.shutdown().await;
        }
    });
}

async fn heard(handles: &[NodeHandle]) -> u64 {
    let mut sum = 0;
    for handle in handles {
        sum += handle.run(|n| *n.app::<u64>()).await.unwrap();
    }
    sum
}

/// Drives the server on this thread until the clients have finished a stage.
fn stage(runtime: &tokio::runtime::Runtime, stages: &mpsc::Receiver<u64>) -> u64 {
    runtime.block_on(async {
        loop {
            if let Ok(deliveries) = stages.try_recv() {
                return deliveries;
            }
            tokio::task::yield_now().await;
        }
    })
}

#[test]
fn a_warm_server_over_tcp_allocates_nothing() {
    let runtime = runtime();
    let server = runtime.block_on(server().listen(Tcp::bind("127.0.0.1:0")).start()).unwrap();
    let address = server.local_addr().unwrap().to_string();
    let (stage_done, stages) = mpsc::channel();
    let (resume, go_on) = mpsc::channel();
    let clients = std::thread::spawn(move || crowd(address, stage_done, go_on));
    stage(&runtime, &stages);
    resume.send(()).unwrap();
    let mut deliveries = 0;
    let counted = allocation_counter::measure(|| deliveries = stage(&runtime, &stages));
    println!("tcp: {} allocations for {deliveries} deliveries to {VIEWERS} viewers", counted.count_total);
    // What the channel of this test, the runtime's own bookkeeping and a viewer that falls behind for a moment take,
    // whatever the number of messages.
    assert!(counted.count_total < 100, "{counted:?}");
    resume.send(()).unwrap();
    runtime.block_on(async {
        tokio::task::spawn_blocking(move || clients.join().unwrap()).await.unwrap();
        server.shutdown().await;
    });
}
