//! Makes numbers and adds to those of everybody, as it reads from its input: `NEW 10`, then `ADD 0 5`.
//!
//!     cargo run --release --example number_client
//!
//! It takes part in `number_server`'s network, and in that of Python MagicNet's `c_server.py`, which loads the file
//! that `--manifest client-signature.json` writes. With `--zones 1,2` it sees those zones, on a server that has zones,
//! and makes its numbers in the first of them. Its exit code is 1 if the server is lost or ends the connection, and 0
//! if the server shuts down or the input ends.

use std::process::ExitCode;
use std::sync::mpsc;

use anyhow::{Context, bail};
use examples::console::{self, Lines};
use examples::number::one_number;
use examples::options::Options;
use examples::stack;
use magicnet::prelude::*;
use magicnet::{Disconnected, MotdReceived, Node, NodeCx, NodeHandle};

/// The numbers that this client sees, in the order in which they came.
type Numbers = Vec<Object<one_number::Contract>>;

#[derive(Default)]
struct NumberClient;

#[network_object]
impl one_number::Client for NumberClient {
    fn on_generate(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        let number = cx.object();
        cx.app_mut::<Numbers>().push(number);
        cx.defer(print_all);
    }

    fn on_destroy(&mut self, cx: &mut one_number::ClientCx<'_, Self>) {
        let number = cx.object();
        cx.app_mut::<Numbers>().retain(|known| *known != number);
        cx.defer(print_all);
    }

    fn value_changed(&mut self, cx: &mut one_number::ClientCx<'_, Self>, old: i32) {
        println!("Value change: {old} -> {}", cx.state().value);
        cx.defer(print_all);
    }
}

fn print_all(node: &mut NodeCx<'_>) {
    let numbers = node.app::<Numbers>().iter();
    let values = numbers.filter_map(|number| Some(node.state(*number)?.value.to_string()));
    let values: Vec<String> = values.collect();
    if !values.is_empty() {
        println!("Current values: {}", values.join(" "));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let usage =
        "[--connect ADDR] [--authority FILE] [--stack tokio|threads|poll] [--zones 1,2] [--manifest FILE]";
    let options = Options::read("number_client", usage);
    console::start_logs(&options, "warn");
    let zones = options.zones()?;
    let home = zones.iter().flatten().copied().next().unwrap_or(0);

    let (ended, ending) = mpsc::channel();
    let client = Node::client()
        .view::<NumberClient>()
        .with(Numbers::new())
        .on(|_, event: MotdReceived| println!("{}", event.motd.unwrap_or_default()))
        .on(move |cx, event: Disconnected| {
            println!("Goodbye: {}", event.ending);
            // Nobody is left to ask if the program is on its way out.
            let _ = ended.send(event.ending);
            cx.shutdown();
        })
        .connect(options.connect("127.0.0.1:5001")?);
    options.write_manifest(&client)?;

    let mut client = stack::start(&options, client).await?;
    let node = client.handle();
    node.connected().await?;
    println!("Successfully connected! Enter NEW [value] or ADD [number] [value]:");
    let look = node.run(move |cx| {
        if let Some(zones) = zones {
            cx.set_zones(zones);
        }
        cx.request_visible_objects();
    });
    look.await?;

    let mut lines = Lines::start();
    while let Some(line) = lines.next(&mut client).await {
        if let Err(error) = carry_out(&line, &node, home).await {
            println!("{error}");
        }
    }
    client.shutdown().await?;
    Ok(console::exit_code(ending.try_recv().ok()))
}

async fn carry_out(line: &str, node: &NodeHandle, home: u32) -> anyhow::Result<()> {
    let mut words = line.split_whitespace();
    let Some(operation) = words.next().map(str::to_uppercase) else {
        return Ok(()); // a blank line asks for nothing
    };
    let arguments =
        words.map(str::parse).collect::<Result<Vec<i32>, _>>().context("arguments are numbers")?;
    match (&*operation, &*arguments) {
        ("NEW", &[value]) => {
            let number = node.create::<one_number::Contract>().zone(home);
            number.call(|number| number.set_init_value(value)).await?;
        }
        ("ADD", &[place, value]) => {
            let added = node.run(move |cx| {
                let number = *cx.app::<Numbers>().get(usize::try_from(place).ok()?)?;
                cx.object(number).server().add_value(value);
                Some(())
            });
            added.await?.context("there is no such number")?;
        }
        _ => bail!("Unknown operation: it is NEW [value] or ADD [number] [value]"),
    }
    Ok(())
}
