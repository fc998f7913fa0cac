//! A game loop with a fixed rhythm of 60 Hz, on both sides: nothing waits for the network, and there is no thread and
//! no runtime.
//!
//!     cargo run --release --example fixed_loop
//!
//! A ball flies around on the server, in one loop with a player who sees it. With `--listen ADDR` the loop is the
//! server's alone, with `--connect ADDR` the player's; `--frames N` ends it after so many.

use std::thread;
use std::time::{Duration, Instant};

use examples::console;
use examples::options::Options;
use magicnet::prelude::*;
use magicnet::{Connected, Disconnected, Flush, Node, NodeCx, Time, memory};

#[network_object(name = "ball")]
pub mod ball {
    /// Where it is, in metres.
    #[derive(Default)]
    pub struct State {
        #[network_field(to = viewers)]
        pub place: (f32, f32),
    }
    pub trait Server {}
    pub trait Client {}
}

#[derive(Default)]
struct ServerBall;

#[network_object]
impl ball::Server for ServerBall {}

/// What a player sees of it.
#[derive(Default)]
struct PlayerBall;

#[network_object]
impl ball::Client for PlayerBall {
    fn place_changed(&mut self, cx: &mut ball::ClientCx<'_, Self>, _old: (f32, f32)) {
        let place = cx.state().place;
        let seen = cx.app_mut::<Seen>();
        seen.changes += 1;
        seen.place = place;
    }
}

/// The player's side of the game.
#[derive(Default)]
struct Seen {
    changes: u64,
    place: (f32, f32),
    is_over: bool,
}

fn main() -> anyhow::Result<()> {
    let usage = "[--listen ADDR]... [--connect ADDR] [--frames N] [--quiet]";
    let options = Options::read("fixed_loop", usage);
    console::start_logs(&options, "warn");
    let frames = options.value("--frames").map_or(Ok(u64::MAX), str::parse)?;
    let (plays, serves) = (options.has("--connect"), options.has("--listen"));

    let (port, dial) = memory::port();
    let mut server = Node::server().view::<ServerBall>().listen(port);
    if serves {
        for endpoint in options.listen("127.0.0.1:5003")? {
            server = server.listen(endpoint);
        }
    }
    let player = Node::client()
        .view::<PlayerBall>()
        .with(Seen::default())
        .on(|cx, _: Connected| cx.request_visible_objects())
        .on(|cx, event: Disconnected| {
            println!("the game is over: {}", event.ending);
            cx.app_mut::<Seen>().is_over = true;
        });
    let player =
        if plays { player.connect(options.connect("127.0.0.1:5003")?) } else { player.connect(dial) };

    // Who sees the ball is told where it is once a frame, however often it moves.
    let server = server.flush(Flush::every(FRAME)).build()?;
    run(if plays { None } else { Some(server) }, if serves { None } else { Some(player.build()?) }, frames)
}

/// The loop: the ball moves, the nodes are ticked, the rest of the frame belongs to the game.
fn run(mut server: Option<Node>, mut player: Option<Node>, frames: u64) -> anyhow::Result<()> {
    let start = Instant::now();
    if let Some(server) = &mut server {
        // The first tick opens the endpoints.
        server.tick(Time::ZERO)?;
        server.local_endpoints().iter().for_each(|endpoint| println!("listening on {endpoint}"));
    }
    let mut next = start;
    let mut late = 0;
    for frame in 1..=frames {
        let now = Time::after_start(start.elapsed());
        if let Some(server) = &mut server {
            server.run(now, |cx| fly(cx, frame));
            server.tick(now)?;
        }
        if let Some(player) = &mut player {
            player.tick(now)?;
            if player.run(now, |cx| cx.app::<Seen>().is_over) {
                return Ok(());
            }
            if frame % FRAMES_PER_SECOND == 0 {
                let Seen { changes, place: (x, y), .. } =
                    player.run(now, |cx| std::mem::take(cx.app_mut::<Seen>()));
                println!(
                    "frame {frame}: the ball is at ({x:.2}, {y:.2}), {changes} changes, {late} frames too late"
                );
            }
        }
        next += FRAME;
        let rest = next.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            late += 1;
            next = Instant::now();
        }
        thread::sleep(rest);
    }
    Ok(())
}

/// One frame of the ball's way, which it begins with the first.
fn fly(cx: &mut NodeCx<'_>, frame: u64) {
    let ball = cx.objects::<ball::Contract>().first().copied();
    let ball = ball.or_else(|| cx.create::<ball::Contract>().send().ok());
    if let Some(ball) = ball {
        let turn = (frame % 360) as f32 / 360.0 * std::f32::consts::TAU;
        cx.with(ball, |_: &mut ServerBall, cx: &mut ball::ServerCx<'_, ServerBall>| {
            cx.state_mut().place = (turn.cos(), turn.sin());
        })
        .expect("the server sees its own ball");
    }
}

/// A sixtieth of a second.
const FRAME: Duration = Duration::from_nanos(16_666_667);
const FRAMES_PER_SECOND: u64 = 60;
