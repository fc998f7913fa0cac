//! A game whose first player stays in the process of the server, while others join over a socket. The player's side is
//! a game loop: it ticks its node once a frame and never waits for it.
//!
//!     cargo run --release --example local_server
//!
//! The player makes a number and adds 1 to it every second. Join with `cargo run --release --example number_client` and
//! add to it too; a Python client loads what `--manifest server-signature.json` writes. Ctrl-C ends the server, and the
//! game with it.

use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use examples::console;
use examples::number::one_number;
use examples::options::Options;
use magicnet::prelude::*;
use magicnet::{Connected, Disconnected, Node, NodeBuilder, NodeCx, Tcp, Time, memory};

// ---- the server, which knows nothing of where its players are

#[derive(Default)]
struct NumberServer;

#[network_object]
impl one_number::Server for NumberServer {
    fn set_init_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        cx.state_mut().value = value;
    }

    fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, value: i32) {
        let Some(sum) = cx.state().value.checked_add(value) else {
            return cx.reject("integer overflow");
        };
        cx.state_mut().value = sum;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(server: NodeBuilder, ready: Sender<()>) -> anyhow::Result<()> {
    let running = server.start().await?;
    println!("others may join at {}", running.local_addrs()[0]);
    ready.send(())?;
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}

// ---- the player, who knows nothing of where the server is

/// What the game needs to know of the network.
#[derive(Default)]
struct Game {
    frame: u64,
    number: Option<Object<one_number::Contract>>,
    is_over: bool,
}

#[derive(Default)]
struct NumberClient;

#[network_object]
impl one_number::Client for NumberClient {
    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, old: i32) {
        let value = cx.state().value;
        println!("frame {}: {old} -> {value}", cx.app::<Game>().frame);
    }
}

fn play(mut player: Node) -> anyhow::Result<()> {
    let start = Instant::now();
    loop {
        let now = Time::after_start(start.elapsed());
        player.tick(now)?;
        if player.run(now, frame) {
            return Ok(());
        }
        // Here a game would draw, until the next frame is due.
        thread::sleep(FRAME);
    }
}

/// One frame of the game; whether it was the last one.
fn frame(cx: &mut NodeCx<'_>) -> bool {
    let game = cx.app_mut::<Game>();
    game.frame += 1;
    if let (Some(number), 0) = (game.number, game.frame % FRAMES_PER_SECOND) {
        cx.object(number).server().add_value(1);
    }
    cx.app::<Game>().is_over
}

/// The player is in: makes the number to play with.
fn begin(cx: &mut NodeCx<'_>, _: Connected) {
    match cx.create::<one_number::Contract>().send() {
        Ok(number) => cx.app_mut::<Game>().number = Some(number),
        Err(error) => println!("there is nothing to play with: {error}"),
    }
}

fn end(cx: &mut NodeCx<'_>, event: Disconnected) {
    println!("the game is over: {}", event.ending);
    cx.app_mut::<Game>().is_over = true;
}

const FRAME: Duration = Duration::from_millis(20);
const FRAMES_PER_SECOND: u64 = 50;

// ---- what brings them together; in another process, these lines alone would change

fn main() -> anyhow::Result<()> {
    let options = Options::read("local_server", "[--listen ADDR] [--quiet] [--manifest FILE]");
    console::start_logs(&options, "warn");

    let (port, dial) = memory::port();
    let address = options.value("--listen").unwrap_or("127.0.0.1:5001");
    let server = Node::server().view::<NumberServer>().listen(port).listen(Tcp::bind(address));
    options.write_manifest(&server)?;
    let player = Node::client()
        .view::<NumberClient>()
        .with(Game::default())
        .on(begin)
        .on(end)
        .connect(dial)
        .build()?;

    let (ready, is_ready) = mpsc::channel();
    let server = thread::spawn(move || serve(server, ready));
    // A server that could not start has dropped its end: then nobody plays, and its thread says why.
    let played = is_ready.recv().map_or(Ok(()), |()| play(player));
    server.join().ok().context("the server's thread panicked")??;
    played
}
