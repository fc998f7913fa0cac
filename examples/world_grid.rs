//! A walk through a world that is cut into zones: the walker is shown what is near, and told the end of what is not.
//! The server and its player are in one process and one thread, and the walk is the same every time.
//!
//!     cargo run --release --example world_grid
//!
//! Ann walks east, then to and fro at a place where other zones come within reach. She asks for nothing but to walk.

use std::error::Error;

use magicnet::prelude::*;
use magicnet::{Connected, Grid, Node, NodeCx, Time, ZoneComplete, memory};

#[network_object(name = "creature")]
mod creature {
    pub struct State {
        #[network_field(to = viewers)]
        pub name: Str<16>,
        #[network_field(to = viewers)]
        pub x: f32,
        #[network_field(to = viewers)]
        pub y: f32,
    }
    pub trait Server {
        #[network_field(from = owner)]
        fn walk(&mut self, dx: f32, dy: f32);
    }
}

// ---- the server

/// Squares of 64; one sees for 100, and a bit more of what one saw already.
fn grid() -> Grid<2> {
    Grid::new(64.0).radius(100.0).hysteresis(16.0)
}

#[derive(Default)]
struct CreatureServer;

#[network_object]
impl creature::Server for CreatureServer {
    fn walk(&mut self, cx: &mut creature::ServerCx<'_, Self>, dx: f32, dy: f32) {
        if dx.hypot(dy) > 10.0 {
            return cx.reject("nobody is that fast");
        }
        let state = cx.state_mut();
        state.x += dx;
        state.y += dy;
        let position = [state.x, state.y];
        // First the walker is shown where it goes, then it goes there: it never loses sight of itself.
        if let Some(player) = cx.sender() {
            let (player, zones) = (player.id(), grid().zones_after(position, player.zones()));
            cx.defer(move |cx| cx.grant_zones(player, zones));
        }
        cx.set_zone(grid().zone_after(position, cx.zone()));
    }
}

/// A creature at its place; nobody else is there to see it before it has a name.
fn create(
    cx: &mut NodeCx<'_>,
    name: &str,
    [x, y]: [f32; 2],
    owner: Repository,
) -> Result<(), Box<dyn Error>> {
    let creature = cx.create::<creature::Contract>().zone(grid().zone([x, y])).owner(owner).send()?;
    cx.with(creature, |_: &mut CreatureServer, cx: &mut creature::ServerCx<'_, CreatureServer>| {
        *cx.state_mut() = creature::State { name: Str::truncated(name), x, y };
    })?;
    Ok(())
}

/// Who comes has a body in the middle of the world, and sees what is around it.
fn welcome(cx: &mut NodeCx<'_>, event: Connected) {
    let Some(player) = cx.connection(event.connection).and_then(|player| player.repository()) else {
        return;
    };
    match create(cx, "Ann", [0.0, 0.0], player) {
        Ok(()) => cx.grant_zones(event.connection, grid().zones([0.0, 0.0])),
        Err(error) => println!("there is no body for her: {error}"),
    }
}

// ---- the player

/// How many zones the player was shown.
#[derive(Default)]
struct Zoned(usize);

#[derive(Default)]
struct CreatureClient;

#[network_object]
impl creature::Client for CreatureClient {
    fn on_generate(&mut self, cx: &mut creature::ClientCx<'_, Self>) {
        let creature::State { name, x, y } = cx.state();
        println!("Ann sees {} at {x}, {y}", &**name);
    }

    fn on_destroy(&mut self, cx: &mut creature::ClientCx<'_, Self>) {
        println!("Ann loses sight of {}", &*cx.state().name);
    }
}

fn walk(cx: &mut NodeCx<'_>, dx: f32) {
    for creature in cx.objects::<creature::Contract>() {
        if let Some(body) = cx.object(creature).owned() {
            body.server().walk(dx, 0.0);
        }
    }
}

// ---- the walk

fn main() -> Result<(), Box<dyn Error>> {
    let (port, dial) = memory::port();
    let mut server =
        Node::server().view::<CreatureServer>().zones(Zones::Granted).on(welcome).listen(port).build()?;
    server.run(Time::ZERO, |cx| -> Result<(), Box<dyn Error>> {
        for (name, place) in [("an oak", [40.0, 30.0]), ("a fox", [170.0, -20.0]), ("a lake", [420.0, 0.0])] {
            create(cx, name, place, Repository(1))?;
        }
        Ok(())
    })?;
    let mut player = Node::client()
        .view::<CreatureClient>()
        .with(Zoned::default())
        .on(|cx, _: ZoneComplete| cx.app_mut::<Zoned>().0 += 1)
        .connect(dial)
        .build()?;
    tick(&mut server, &mut player)?;

    for _ in 0..51 {
        player.run(Time::ZERO, |cx| walk(cx, 8.0));
        tick(&mut server, &mut player)?;
    }
    let shown = player.run(Time::ZERO, |cx| cx.app::<Zoned>().0);
    println!("-- she was shown {shown} zones; now 20 times to and fro where others come within reach");
    for step in [8.0, -8.0].repeat(20) {
        player.run(Time::ZERO, |cx| walk(cx, step));
        tick(&mut server, &mut player)?;
    }
    let shown = player.run(Time::ZERO, |cx| cx.app::<Zoned>().0) - shown;
    println!("-- and was shown {shown} more, once");
    Ok(())
}

/// Lets the two say all that they have to say. Nothing here is timed, so the time may stand still.
fn tick(server: &mut Node, player: &mut Node) -> Result<(), Box<dyn Error>> {
    for _ in 0..4 {
        player.tick(Time::ZERO)?;
        server.tick(Time::ZERO)?;
    }
    Ok(())
}
