//! A login that takes its time: a server asks its database who a client is before it lets it in, and goes on meanwhile.
//!
//!     cargo run --release --example login
//!
//! Three clients come over TCP. A guest needs no account, a member has one, and a stranger claims to. The server's
//! answer to what only members may is the same function everywhere: what it knows of a connection.

use std::error::Error;
use std::time::Duration;

use magicnet::prelude::*;
use magicnet::{
    Admission, ConnectError, Connected, Connection, MessageRejected, MotdReceived, Node, NodeBuilder,
    NodeHandle, Tcp,
};

/// What the server keeps with a connection that it has let in: its states are types, and functions name them.
enum Visitor {
    Guest,
    Member { name: Str<16> },
}

/// The way back into the server from its tasks; it has one when it runs.
#[derive(Clone)]
struct Back(Option<NodeHandle>);

fn is_member(sender: &Connection) -> bool {
    matches!(sender.get::<Visitor>(), Some(Visitor::Member { .. }))
}

/// It may come before the handshake is finished: it is what finishes it.
#[message(id = 64, from = client, before_handshake)]
struct Login {
    name: Str<16>,
    password: Str<16>,
}

#[message(id = 65, from = client, allow = is_member, rate = "1/s, burst 5")]
struct Say {
    text: Str<64>,
}

#[message_handler]
fn login(cx: &mut MessageCx<'_>, Login { name, password }: Login) -> Result<(), Disconnect> {
    if !cx.sender().is_waiting() {
        return Err(Disconnect::new(10, "you are in already"));
    }
    if &*name == "guest" {
        cx.sender_mut().insert(Visitor::Guest);
        cx.admit();
        return Ok(());
    }
    // The node does not wait for the database: a task does, and says later what has come of it.
    let Back(Some(node)) = cx.app::<Back>().clone() else {
        return Err(Disconnect::new(12, "nobody is let in yet"));
    };
    let client = cx.sender().id();
    tokio::spawn(async move {
        let is_right = ask_the_database(&name, &password).await;
        let told = node.post(move |cx| {
            if !is_right {
                return cx.disconnect(client, Disconnect::new(11, "no such account"));
            }
            // It may have left meanwhile.
            if let Some(known) = cx.connection_mut(client) {
                known.insert(Visitor::Member { name });
                cx.admit(client);
            }
        });
        // A server that has stopped lets nobody in.
        let _ = told;
    });
    Ok(())
}

async fn ask_the_database(name: &str, password: &str) -> bool {
    tokio::time::sleep(Duration::from_millis(50)).await;
    (name, password) == ("Ada", "lovelace")
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say) {
    if let Some(Visitor::Member { name }) = cx.sender().get() {
        println!("server: {name} says {}", message.text);
    }
}

fn server() -> NodeBuilder {
    Node::server()
        .with(Back(None))
        .handler::<login>()
        .handler::<say>()
        // Who has greeted waits for its login. The wait has an end, `Limits::handshake_timeout`.
        .authenticate(|_, _| Admission::Later)
        .on(|_, event: MessageRejected| println!("server: refused: {}", event.reason))
}

fn client(name: &str, password: &str) -> Result<NodeBuilder, Box<dyn Error>> {
    let (name, password): (Str<16>, Str<16>) = (name.try_into()?, password.try_into()?);
    Ok(Node::client()
        .message::<Login>()
        .message::<Say>()
        .on(move |cx, event: MotdReceived| {
            cx.send(event.connection, Login { name: name.clone(), password: password.clone() });
        })
        .on(|cx, event: Connected| cx.send(event.connection, Say { text: Str::truncated("hello") })))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = server().listen(Tcp::bind("127.0.0.1:0")).start().await?;
    let address = server.local_addr().ok_or("the server listens on TCP")?.to_string();
    let back = server.handle();
    server.handle().run(|cx| *cx.app_mut() = Back(Some(back))).await?;

    for (name, password) in [("guest", ""), ("Ada", "lovelace"), ("Eve", "lovelace")] {
        println!("-- {name}");
        let client = client(name, password)?.connect(Tcp::connect(&address)).start().await?;
        match client.handle().connected().await {
            Ok(_) => println!("{name} is in"),
            Err(ConnectError::Refused(ending)) => println!("{name} is not: {ending}"),
            Err(error) => return Err(error.into()),
        }
        client.shutdown().await;
    }
    server.shutdown().await;
    Ok(())
}
