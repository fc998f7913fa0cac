//! Who may do what, by what a server knows of those who are connected: log in, and be asked for it by functions.
//!
//!     cargo run --release --example auth
//!
//! A stranger, a member and a librarian do the same four things, one after the other. The server accepts what each may
//! do, and tells what it refuses; a client that is refused hears nothing.

use std::error::Error;

use magicnet::prelude::*;
use magicnet::{
    CallRejected, Connected, Connection, MessageRejected, Node, NodeCx, RequestRejected, Subject, Time,
    memory,
};

/// Who a connection belongs to: the server keeps it with the connection once its password was right.
struct Account {
    name: Str<16>,
    is_librarian: bool,
}

fn is_known(sender: &Connection) -> bool {
    sender.get::<Account>().is_some()
}

fn is_librarian(sender: &Connection) -> bool {
    sender.get::<Account>().is_some_and(|account| account.is_librarian)
}

/// Who owns the shelf may, and where it is open everyone who is known.
fn may_add(sender: &Connection, shelf: &Subject<'_, shelf::Contract>) -> bool {
    is_known(sender) && (shelf.is_owned_by(sender) || shelf.state().is_open)
}

#[network_object(name = "shelf", create = is_known)]
mod shelf {
    pub struct State {
        #[network_field(to = viewers)]
        is_open: bool,
    }
    pub trait Server {
        #[network_field(from = may_add)]
        fn add(&mut self, title: Str<32>);
        #[network_field(from = is_librarian)]
        fn open(&mut self);
    }
}

#[message(id = 64, from = client)]
struct Login {
    name: Str<16>,
    password: Str<16>,
}

#[message(id = 65, from = client, allow = is_known)]
struct Greet {
    words: Str<32>,
}

#[message_handler]
fn login(cx: &mut MessageCx<'_>, Login { name, password }: Login) -> Result<(), Disconnect> {
    let is_librarian = match (&*name, &*password) {
        ("Ada", "lovelace") => true,
        ("Bob", "the builder") => false,
        _ => return Err(Disconnect::new(10, "no such account")),
    };
    println!("server: {name} is logged in");
    cx.sender_mut().insert(Account { name, is_librarian });
    Ok(())
}

#[message_handler]
fn greet(cx: &mut MessageCx<'_>, message: Greet) {
    let name = cx.sender().get::<Account>().map(|account| &*account.name);
    println!("server: {} says {}", name.unwrap_or("nobody"), message.words);
}

#[derive(Default)]
struct Shelf;

#[network_object]
impl shelf::Server for Shelf {
    fn on_generate(&mut self, cx: &mut shelf::ServerCx<'_, Self>) {
        println!("server: {} is put up", cx.id());
    }
    fn add(&mut self, cx: &mut shelf::ServerCx<'_, Self>, title: Str<32>) {
        println!("server: {title} stands on {}", cx.id());
    }
    fn open(&mut self, cx: &mut shelf::ServerCx<'_, Self>) {
        println!("server: {} is open to all members", cx.id());
        cx.state_mut().is_open = true;
    }
}

#[derive(Default)]
struct Visitor;

#[network_object]
impl shelf::Client for Visitor {}

fn server(port: memory::Port) -> Result<Node, Box<dyn Error>> {
    let server = Node::server()
        .view::<Shelf>()
        .handler::<login>()
        .handler::<greet>()
        .on(|_, event: MessageRejected| println!("server: refused: {}", event.reason))
        .on(|_, event: RequestRejected| println!("server: refused the {}: {}", event.request, event.reason))
        .on(|_, event: CallRejected| {
            println!("server: refused {}: {}", event.field.unwrap_or("a call"), event.reason);
        })
        .listen(port);
    Ok(server.build()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (port, dial) = memory::port();
    let mut server = server(port)?;
    // A shelf of the house's, which nobody owns who comes.
    let house = server.run(Time::ZERO, |cx| cx.create::<shelf::Contract>().send())?;

    for (name, password) in [("", ""), ("Bob", "the builder"), ("Ada", "lovelace"), ("Bob", "the builder")] {
        println!("-- {}", if name.is_empty() { "a stranger" } else { name });
        let (name, password): (Str<16>, Str<16>) = (name.try_into()?, password.try_into()?);
        let mut client = Node::client()
            .view::<Visitor>()
            .message::<Login>()
            .message::<Greet>()
            .on(move |cx, event: Connected| {
                if !name.is_empty() {
                    cx.send(event.connection, Login { name: name.clone(), password: password.clone() });
                }
                cx.request_visible_objects();
            })
            .connect(dial.clone())
            .build()?;
        tick(&mut server, &mut client)?;
        client.run(Time::ZERO, |cx| visit(cx, house))?;
        tick(&mut server, &mut client)?;
    }
    Ok(())
}

/// What everyone does who comes. No client asks itself whether it may: that is the server's to say.
fn visit(cx: &mut NodeCx<'_>, house: Object<shelf::Contract>) -> Result<(), Box<dyn Error>> {
    cx.send_to_all(Greet { words: "hello".try_into()? });
    cx.create::<shelf::Contract>().send()?;
    cx.object(house).server().add("The Time Machine".try_into()?);
    cx.object(house).server().open();
    Ok(())
}

/// Lets two nodes speak until they have said it all. Nothing here is timed, so the time may stand still.
fn tick(server: &mut Node, client: &mut Node) -> Result<(), Box<dyn Error>> {
    for _ in 0..8 {
        client.tick(Time::ZERO)?;
        server.tick(Time::ZERO)?;
    }
    Ok(())
}
