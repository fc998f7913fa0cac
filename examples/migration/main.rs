//! One application, launched in three ways: nothing of it knows whether its players share its process, its machine, or
//! neither.
//!
//!     cargo run --release --example migration -- --launch alone
//!     cargo run --release --example migration -- --launch host
//!     cargo run --release --example migration -- --launch server
//!     cargo run --release --example migration -- --launch client
//!
//! `alone` plays with itself, without a socket. `host` plays, and lets others join. `server` only serves, and `client`
//! only plays. Each player counts to three on the counter that all share; the application is in `counting.rs`.

mod counting;

use anyhow::bail;
use examples::console;
use examples::options::Options;
use magicnet::{NodeHandle, Tcp, memory};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::read("migration", "[--launch alone|host|server|client] [--at ADDR]");
    console::start_logs(&options, "warn");
    let address = options.value("--at").unwrap_or("127.0.0.1:5002");
    match options.value("--launch").unwrap_or("alone") {
        "alone" => alone().await,
        "host" => host(address).await,
        "server" => server(address).await,
        "client" => client(address).await,
        launch => bail!("there is no launch `{launch}`: it is alone, host, server or client"),
    }
}

/// Everything is in this process.
async fn alone() -> anyhow::Result<()> {
    let (port, dial) = memory::port();
    let server = counting::server().listen(port).start().await?;
    let player = counting::client().connect(dial).start().await?;
    play(&player.handle()).await?;
    player.shutdown().await;
    server.shutdown().await;
    Ok(())
}

/// A player is in this process, others come over a socket.
async fn host(address: &str) -> anyhow::Result<()> {
    let (port, dial) = memory::port();
    let server = counting::server().listen(port).listen(Tcp::bind(address)).start().await?;
    let player = counting::client().connect(dial).start().await?;
    play(&player.handle()).await?;
    println!("others may join at {}", server.local_addrs()[0]);
    tokio::signal::ctrl_c().await?;
    player.shutdown().await;
    server.shutdown().await;
    Ok(())
}

/// The players are elsewhere.
async fn server(address: &str) -> anyhow::Result<()> {
    let server = counting::server().listen(Tcp::bind(address)).start().await?;
    println!("others may join at {}", server.local_addrs()[0]);
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}

/// The server is elsewhere.
async fn client(address: &str) -> anyhow::Result<()> {
    let player = counting::client().connect(Tcp::connect(address)).start().await?;
    play(&player.handle()).await?;
    player.shutdown().await;
    Ok(())
}

/// Waits for the player to have counted.
async fn play(player: &NodeHandle) -> anyhow::Result<()> {
    player.connected().await?;
    let done = player.run(|n| n.app_mut::<counting::Counting>().done.take()).await?;
    Ok(done.expect("it is taken once").await?)
}
