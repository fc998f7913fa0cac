//! A server under players who come and go, for as long as you like, with its memory printed: what grows, leaks.
//!
//!     cargo run --release --example soak -- --seconds 300
//!
//! A hundred players over TCP each have an object, tell all others of it and call what they see; some of them leave,
//! with a word or without one, and others come. All of them are in this process, so the figure is that of both sides.

use std::error::Error;
use std::time::{Duration, Instant};

use examples::options::Options;
use magicnet::prelude::*;
use magicnet::{Connected, Limits, Node, Rate, Running, Tcp};

const PLAYERS: usize = 100;

#[network_object(name = "lamp", create = anyone)]
mod lamp {
    struct State {
        #[network_field(to = viewers)]
        brightness: u32,
    }
    trait Server {
        #[network_field(from = anyone, rate = "50/s")]
        fn turn(&mut self, by: u32);
    }
    trait Client {
        fn flicker(&mut self, words: Str<64>);
    }
}

#[derive(Default)]
struct Lamp;

#[network_object]
impl lamp::Server for Lamp {
    fn turn(&mut self, cx: &mut lamp::ServerCx<'_, Self>, by: u32) {
        cx.state_mut().brightness = cx.state().brightness.wrapping_add(by);
        cx.clients().flicker(Str::truncated("it is turned, and it flickers for a moment"));
    }
}

/// What a player has heard so far.
#[derive(Default)]
struct Heard(u64);

#[derive(Default)]
struct Seen;

#[network_object]
impl lamp::Client for Seen {
    fn flicker(&mut self, cx: &mut lamp::ClientCx<'_, Self>, _words: Str<64>) {
        cx.app_mut::<Heard>().0 += 1;
    }
}

async fn player(address: &str) -> Result<Running, Box<dyn Error>> {
    let node = Node::client().view::<Seen>().with(Heard::default());
    let node = node.on(|cx, _: Connected| {
        cx.request_visible_objects();
        // It may be refused; then this player has none.
        let _ = cx.create::<lamp::Contract>().send();
    });
    let running = node.connect(Tcp::connect(address)).start().await?;
    running.handle().connected().await?;
    Ok(running)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read("soak", "[--seconds N]");
    let seconds = options.value("--seconds").map_or(Ok(300), str::parse)?;
    let mut limits = Limits::default();
    // As an operator would, who knows what players say.
    limits.messages = Rate::per_second(100).burst(1_000);
    let server =
        Node::server().view::<Lamp>().limits(limits).listen(Tcp::bind("127.0.0.1:0")).start().await?;
    let address = server.local_addr().ok_or("the server listens on TCP")?.to_string();
    let mut players = Vec::new();
    for _ in 0..PLAYERS {
        players.push(player(&address).await?);
    }
    println!("{PLAYERS} players at {address} for {seconds} seconds");

    let start = Instant::now();
    let (mut round, mut heard, mut next_line) = (0_usize, 0, Duration::ZERO);
    let mut first = None;
    while start.elapsed() < Duration::from_secs(seconds) {
        // Ten of them turn a lamp that they see, and one of them makes way for somebody else.
        for offset in 0..10 {
            let one = players[(round * 10 + offset) % PLAYERS].handle();
            one.post(move |cx| {
                let lamps = cx.objects::<lamp::Contract>();
                if let Some(lamp) = lamps.get(round % lamps.len().max(1)) {
                    cx.object(*lamp).server().turn(1);
                }
            })?;
        }
        let leaving = std::mem::replace(&mut players[round % PLAYERS], player(&address).await?);
        heard += leaving.handle().run(|cx| cx.app::<Heard>().0).await?;
        if round.is_multiple_of(2) {
            leaving.shutdown().await;
        } else {
            // Without a word.
            drop(leaving);
        }
        if start.elapsed() >= next_line {
            let objects = server.handle().run(|cx| cx.object_count()).await?;
            let memory = memory();
            // What is allocated once is there after the first lines.
            first = first.or(memory.filter(|_| round > 300));
            let seconds = start.elapsed().as_secs();
            println!(
                "{seconds:4} s: {round} have left, {heard} calls heard, {objects} lamps, {}",
                shown(memory)
            );
            next_line += Duration::from_secs(10);
        }
        round += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let objects = server.handle().run(|cx| cx.object_count()).await?;
    println!("after {round} rounds: {objects} lamps, {}; it was {}", shown(memory()), shown(first));
    for player in players {
        player.shutdown().await;
    }
    server.shutdown().await;
    Ok(())
}

fn shown(kilobytes: Option<u64>) -> String {
    kilobytes.map_or("no figure of memory here".to_owned(), |kilobytes| format!("{kilobytes} KiB of memory"))
}

/// What the process has in memory, in KiB, where the system says so as Linux does.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
