//! The procedural macros of the [`magicnet`](https://docs.rs/magicnet) crate, which re-exports them: use them through
//! it, as generated code refers to it.
//!
//! | macro | stands on | makes |
//! |---|---|---|
//! | [`network_object`] | a module | a contract: its tables, state, contexts, stubs and traits |
//! | [`network_object`] | the `impl` of a contract's trait | a view, which takes part in its role |
//! | [`network_object`] | a struct, and its own `impl` | a view and its part of a contract: the direct form |
//! | [`network_field`] | properties and calls in a contract | nothing by itself: says who sees or calls what |
//! | [`message`] | a struct | a message without an object |
//! | [`message_handler`] | a function | what answers a message |
//! | [`manifest!`](macro@manifest) | names of files | the contracts that Python MagicNet wrote into them |
//! | [`NetworkType`](macro@NetworkType) | a struct or an enum | a type for arguments, properties and members |
//!
//! With `MAGICNET_DERIVE_DEBUG=1` in the environment each expansion is printed to the standard error.

mod attr;
mod check;
mod codegen;
mod ctxt;
mod fallback;
mod macros;
mod manifest;
mod model;
mod suggest;
mod symbol;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares a contract, or a view of one.
///
/// # On a module: a contract
///
/// The module is the definition of one kind of object that all peers share. It has a `struct State` with the
/// replicated properties, a `trait Server` with the calls that the server's view answers, a `trait Client` with those
/// that client views answer, or some of the three.
///
/// ```
/// use magicnet::prelude::*;
///
/// #[network_object(name = "one-number", create = anyone)]
/// pub mod one_number {
///     /// Replicated state: kept by the framework, in every snapshot that a late joiner gets.
///     pub struct State {
///         #[network_field(to = viewers, wire = "set_current_value")]
///         pub value: i32,
///     }
///     /// Calls that the server's view answers.
///     pub trait Server {
///         #[network_field(from = owner)]
///         fn set_init_value(&mut self, value: i32);
///         #[network_field(from = anyone)]
///         fn add_value(&mut self, by: i32);
///     }
///     /// Calls that client views answer.
///     pub trait Client {
///         fn sparkle(&mut self, title: Str<16>, #[arg(rest)] tags: List<Str<16>, 8>);
///     }
/// }
/// # fn main() {}
/// ```
///
/// | key | value | without it |
/// |---|---|---|
/// | `name` | the name that peers know it by, 1 to 64 characters | an error |
/// | `create` | who may create: `server`, `anyone`, or the path of a function `fn(&Connection) -> bool` | `server` |
/// | `on_owner_left` | what becomes of an object whose owner left: `destroy` or `keep` | `destroy` |
/// | `roles` | the roles' numbers on the wire: `roles(client = 1, server = 0)` | client 0, server 1, both 0 |
///
/// A module with `trait Both` in place of `Server` and `Client` has one view for all nodes, with the context
/// `BothCx<'_, V>`. Its calls say `from` for their way to the server and `to` for their way to clients;
/// `cx.peers()` calls whoever is at the other end, and `cx.authority()` is the server's context where this is the
/// server.
///
/// Properties and calls say more by [`network_field`], arguments by `#[arg]`:
///
/// | key of `#[arg]` | meaning |
/// |---|---|
/// | `default`, `default = expr` | may be left out, with all that follow; is the type's `Default` or `expr` then |
/// | `rest` | the last argument, a `List<T, N>`: takes all values that are left |
/// | `any_float` | NaN and infinities pass |
/// | `check = path` | the function `fn(&T) -> bool` says of every value that comes whether it is accepted |
///
/// A check runs where the call is received, behind the type's own bounds and before the handler; what it refuses is
/// refused as a value of a wrong type would be, with the name of the argument and of the check. A default stands in for
/// what did not come, so it is checked too. Nothing is checked where the call is sent: stubs do not fail.
///
/// Arguments have network types: numbers, `bool`, `Str<N>`, `Text<'_, N>` (borrowed from the message), `Bytes<N>`,
/// `List<T, N>`, `Map<K, V, N>`, tuples, `Option`, and structs and enums with [`NetworkType`](macro@NetworkType). A
/// field that could exceed one frame (65,535 bytes) does not compile.
///
/// The module sees its parent's scope. Parts that do not say how visible they are are as visible as the module. The
/// macro adds to it:
///
/// | item | what it is |
/// |---|---|
/// | `Contract` | the contract as a type, for creating and addressing objects |
/// | `Init<'_>` | a method for each property that is declared `init = creator`, where there is one |
/// | `ServerCx<'_, V>`, `ClientCx<'_, V>` | the contexts of handlers; each method gets its one after `&mut self` |
/// | `ToServer<'_, P>`, `ToClients<'_, P>` | the stubs: each call as a method, for those who may make it |
/// | `Server::on_generate`, `on_destroy`, and in `Client` | the object is complete, or about to go |
/// | `Client::NAME_changed(&mut self, cx, old)` | the property `NAME` changed |
///
/// # On an `impl`: a view
///
/// It registers the type for the role whose trait it implements, however the trait and its module are imported.
///
/// ```
/// # use magicnet::prelude::*;
/// # #[network_object(name = "one-number", create = anyone)]
/// # pub mod one_number {
/// #     pub struct State {
/// #         #[network_field(to = viewers, wire = "set_current_value")]
/// #         pub value: i32,
/// #     }
/// #     pub trait Server {
/// #         #[network_field(from = anyone)]
/// #         fn add_value(&mut self, by: i32);
/// #     }
/// # }
/// #[derive(Default)]
/// struct NumberServer;
///
/// #[network_object]
/// impl one_number::Server for NumberServer {
///     fn add_value(&mut self, cx: &mut one_number::ServerCx<'_, Self>, by: i32) {
///         let Some(sum) = cx.state().value.checked_add(by) else { return cx.reject("integer overflow") };
///         cx.state_mut().value = sum;
///     }
/// }
/// # fn main() {}
/// ```
///
/// | key | value | without it |
/// |---|---|---|
/// | `factory` | the path of a function that makes the view | its `Default` |
///
/// # On a struct and its `impl`: the direct form
///
/// Both together are a view and its part of the contract; the struct's annotated fields are the state, its annotated
/// methods the calls.
///
/// ```
/// use magicnet::prelude::*;
///
/// #[network_object(name = "door", role = server, peer = DoorClient)]
/// #[derive(Default)]
/// struct Door {
///     #[network_field(to = viewers)]
///     open: bool,
///     knocks: u64,
/// }
///
/// #[network_object]
/// impl Door {
///     #[network_field(from = anyone)]
///     fn knock(&mut self, cx: &mut DoorCx<'_>, times: u8) {
///         self.knocks += u64::from(times);
///         self.open = true;
///         cx.clients().creak();
///     }
/// }
///
/// #[network_object(name = "door", role = client, peer = Door)]
/// #[derive(Default)]
/// struct DoorClient {
///     creaks: u32,
/// }
///
/// #[network_object]
/// impl DoorClient {
///     #[network_field(to = viewers)]
///     fn creak(&mut self, cx: &mut DoorClientCx<'_>) {
///         self.creaks += 1;
///         let _open = cx.state().open;
///     }
/// }
/// # fn main() {}
/// ```
///
/// | key on the struct | value | without it |
/// |---|---|---|
/// | `name` | the same for both views | an error |
/// | `role` | `server`, `client`, or `both` for the one view of every node | an error |
/// | `peer` | the struct of the other role, which names this one | the view is alone here |
/// | `create`, `on_owner_left`, `roles` | as on a module; on the server's view | as on a module |
///
/// On the `impl` there may be `factory`, as on that of a contract's trait. Each call says which way it goes: `from` in
/// the server's view, `to` in a client's, both in that of every node. `on_generate`, `on_destroy` and `NAME_changed`
/// are methods without an attribute. The struct of the server's view is the contract (a client's, if it has no peer),
/// as in `cx.create::<Door>()`. Neither `always` nor `index` is known here.
#[proc_macro_attribute]
pub fn network_object(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand("network_object", macros::network_object(arguments.into(), item.into()))
}

/// Says who sees a property or makes a call of a contract, in a module with [`network_object`].
///
/// On a property of `State`, where it must be:
///
/// | key | value | without it |
/// |---|---|---|
/// | `to` | who gets it: `viewers`, `owner`, `server` (nodes of that role), or `nobody` | an error |
/// | `wire` | its name on the wire | `set_value` for `value` |
/// | `always` | sent whenever the state was touched, changed or not | sent when it differs |
/// | `default` | an expression: what it is at first | the `Default` of its type |
/// | `spread` | each value of the tuple is an argument of its own: Python's `set_pos(x, y, z)` | it is one argument |
/// | `init = creator` | a creation by a peer may carry it | the server alone sets it |
/// | `index` | its number on the wire | the lowest that is free, in order of declaration |
/// | `persist` | `ram`: as long as the object lives | the same |
///
/// A view that does not get a property has in `cx.state()` what it is at first, and hears of no change. What `nobody`
/// gets is kept with the state, undone with it, and has no number on the wire.
///
/// On a call of `Server` or `Client`, where it may be left out:
///
/// | key | value | without it |
/// |---|---|---|
/// | `from` (in `Server`) | who may make it: `owner`, `anyone`, `server`, or the path of a function | `owner` |
/// | `to` (in `Client`) | who receives it: `viewers` or `owner` | `viewers` |
/// | `wire` | its name on the wire | its name in Rust |
/// | `persist` | `ram`: the last one is kept and replayed to those who come later; or `none` | `none` |
/// | `via` | how it travels over UDP: `reliable`, `unreliable`, or `sequenced` (late ones are dropped) | `reliable` |
/// | `index` | its number on the wire | the lowest that is free, in order of declaration |
///
/// Fields are numbered by role, properties first, then calls. Numbers that are said leave no gap: a role with three
/// fields has 0, 1 and 2.
///
/// A function after `from =` looks at who makes the call, and at the object if it likes: it is a
/// `fn(&Connection) -> bool` or a `fn(&Connection, &Subject<'_, door::Contract>) -> bool`. It is asked where the call
/// is received, before its arguments are decoded; where it is made, nobody asks. A path of one word that looks like
/// one of the words above is taken for a slip: write `self::owners` for a function of such a name.
///
/// ```
/// use magicnet::prelude::*;
///
/// #[network_object(name = "door")]
/// pub mod door {
///     pub struct State {
///         #[network_field(to = viewers, default = 2.5)]
///         pub height: f32,
///     }
///     pub trait Server {
///         #[network_field(from = anyone)]
///         fn knock(&mut self, #[arg(default = 1)] times: u8);
///         #[network_field(from = has_key, persist = ram)]
///         fn lock(&mut self);
///     }
///     pub trait Client {
///         #[network_field(to = owner, wire = "who_is_there")]
///         fn knocked(&mut self, times: u8);
///     }
/// }
///
/// struct Key;
///
/// fn has_key(sender: &magicnet::Connection) -> bool {
///     sender.get::<Key>().is_some()
/// }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn network_field(_: TokenStream, item: TokenStream) -> TokenStream {
    expand("network_field", macros::network_field(&item.into()))
}

/// Makes a struct a message: a typed item of a datagram that belongs to no object.
///
/// | key | value | without it |
/// |---|---|---|
/// | `id` | its number on the wire, from 64 up | an error |
/// | `from` | who sends it: `client`, `server`, `anyone`, or a role of your own | an error |
/// | `allow` | the path of a function `fn(&Connection) -> bool`, asked before it is decoded | whoever `from` says may |
/// | `before_handshake` | may come before the handshake is finished | it may not |
/// | `via` | how it travels over UDP: `reliable`, `unreliable`, or `sequenced` (late ones are dropped) | `reliable` |
///
/// Several roles stand in brackets: `from = [client, admin]` is for clients and for the peers that `Role::new("admin")`
/// names. Any word may be a role; one that looks like a slip of a known word is written in quotes.
///
/// Members have network types, and take `#[arg(default)]`, `#[arg(rest)]`, `#[arg(any_float)]` and
/// `#[arg(check = path)]` as the arguments of calls do. A message may borrow from the bytes that it came in, for one
/// lifetime.
///
/// ```
/// use magicnet::prelude::*;
///
/// #[message(id = 65, from = client)]
/// pub struct Say<'a> {
///     pub text: Text<'a, 256>,
///     #[arg(default)]
///     pub loud: bool,
/// }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn message(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand("message", macros::message(arguments.into(), item.into()))
}

/// Makes a function the handler of the message that is its second argument.
///
/// The function takes `&mut MessageCx<'_>` and the message, and returns nothing or `Result<(), Disconnect>`. A type of
/// the same name stands for it where handlers are registered by hand.
///
/// | key | value | without it |
/// |---|---|---|
/// | `role` | it is for where the node has this role: `server`, `client`, or one of your own | it is for all roles |
///
/// ```
/// use magicnet::prelude::*;
///
/// #[message(id = 65, from = client)]
/// pub struct Say {
///     pub text: Str<256>,
/// }
/// #[message(id = 66, from = server)]
/// pub struct Said {
///     pub text: Str<256>,
/// }
///
/// #[message_handler(role = server)]
/// fn say(cx: &mut MessageCx<'_>, message: Say) -> Result<(), Disconnect> {
///     if message.text.is_empty() {
///         return Err(Disconnect::new(10, "say something"));
///     }
///     cx.to_all_except_sender(Said { text: message.text });
///     Ok(())
/// }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn message_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand("message_handler", macros::message_handler(arguments.into(), item.into()))
}

/// Makes a struct or an enum a network type.
///
/// A struct is an array of its members on the wire, as Python dataclasses are.
///
/// Members have network types themselves. Each may say `#[arg(any_float)]` and `#[arg(check = path)]`; a tail of them
/// may say `#[arg(default)]` or `#[arg(default = expr)]`, so that peers may leave it out. A struct may borrow, for one
/// lifetime.
///
/// ```
/// use magicnet::prelude::*;
///
/// #[derive(NetworkType, Clone, Copy, Debug, PartialEq)]
/// pub struct Point {
///     pub x: f32,
///     pub y: f32,
///     #[arg(default = 1.0)]
///     pub scale: f32,
/// }
/// # fn main() {}
/// ```
///
/// An enum is the place of its variant, from 0, as one byte; where variants have members, each is an array of its place
/// and these, with the same rules as those of a struct. There are at most 256 variants. New ones go to the end: a peer
/// that does not know one refuses it, and one that moved would be taken for another. An enum without members that has
/// `Ord` may be the key of a `Map`.
///
/// ```
/// use magicnet::prelude::*;
///
/// /// `0`, `1` or `2`.
/// #[derive(NetworkType, Clone, Copy, Debug, Default, PartialEq)]
/// pub enum Stance {
///     #[default]
///     Standing,
///     Sitting,
///     Lying,
/// }
///
/// /// `[0]`, `[1, x, y]` or `[2, name]`.
/// #[derive(NetworkType, Clone, Debug, PartialEq)]
/// pub enum Order {
///     Wait,
///     Walk { x: f32, #[arg(default)] y: f32 },
///     Follow(Str<16>),
/// }
/// # fn main() {}
/// ```
#[proc_macro_derive(NetworkType, attributes(arg))]
pub fn network_type(item: TokenStream) -> TokenStream {
    expand("NetworkType", macros::network_type(item.into()))
}

/// Makes contracts from the files that Python MagicNet writes: its "marshalled signatures".
///
/// Named are the files of all sides, by their paths from the folder of the crate's `Cargo.toml`; cargo builds anew when
/// one changes. Each of their objects becomes a contract module, as [`network_object`] on a module makes it:
/// `chat-room` is `pub mod chat_room`. Its fields have the files' numbers, whatever order the words behind them have.
///
/// Behind the files and a `;` stands what Python cannot say, in the words of contracts. Only what differs is written:
/// objects, fields and arguments that are not mentioned are as the files say.
///
/// ```
/// use magicnet::prelude::*;
///
/// magicnet::manifest! {
///     "src/manifest/example/client.json", "src/manifest/example/server.json";
///
///     /// A room where people talk.
///     #[network_object(create = anyone)]
///     pub mod chat_room {
///         pub struct State {
///             /// The field `set_title` of the clients is state here.
///             #[network_field(to = viewers)]
///             pub title,
///         }
///         pub trait Server {
///             // `rename` is the owner's alone, as calls are if nothing is said.
///             #[network_field(from = anyone)]
///             fn say(text: Str<256>);
///         }
///         pub trait Client {
///             fn said(text: Str<256>, tags: List<Str<16>, 8>);
///         }
///     }
/// }
///
/// #[derive(Default)]
/// struct RoomServer;
///
/// #[network_object]
/// impl chat_room::Server for RoomServer {
///     fn rename(&mut self, cx: &mut chat_room::ServerCx<'_, Self>, title: Str<64>) {
///         cx.state_mut().title = title;
///     }
///     fn say(&mut self, cx: &mut chat_room::ServerCx<'_, Self>, text: Str<256>, loud: u8) {
///         let text = if loud > 0 { Str::truncated(&text.to_uppercase()) } else { text };
///         cx.clients().said(Str::truncated("somebody"), text, List::new());
///     }
/// }
/// # fn main() {}
/// ```
///
/// | behind the files | says |
/// |---|---|
/// | `#[network_object(..)]` on `mod` | the keys of a contract; `name` where the module is not named after the object |
/// | `struct State { .. }` | which fields are state: `title` is the field `set_title`, `title`, or by `wire` |
/// | `#[network_field(..)]` on a property or a call | its keys but `index`; by `wire` it gets another name in Rust |
/// | `fn say(text: Str<256>);` | types of arguments by their names; `fn say;` says something of the call alone |
/// | `#[arg(..)]` on an argument | its keys; `default` instead of the one in the file |
///
/// # What the files say
///
/// | Python | here |
/// |---|---|
/// | `int` with `Ge` and `Lt`, such as `uint8` | the integer of this width, or `Ranged` |
/// | `int` | `i64`, or `u64` if it begins at 0 |
/// | `float`, `bool` | `f64`, `bool` |
/// | `str`, `bytes` with `MaxLen`, such as `s16` | `Str<16>`, `Bytes<16>` |
/// | `tuple[A, B]`, `Optional[A]` | `(A, B)`, `Option<A>` |
/// | several arguments of a field that is state | a tuple, `spread` |
/// | a default | the same, `#[arg(default = ..)]` |
/// | `*tags` | `#[arg(rest)]` |
/// | `str`, `bytes`, `list`, `dict`, `*tags` without a bound | an error that shows what to write |
/// | `Any`, `Union`, a class | the same: a `Value<N>` or a type of yours |
///
/// # Roles
///
/// Python has numbers for roles, and no names. An object that the files know in one role alone, as Python's classes
/// that are the same on every node, has the view of every node: its contract has the trait `Both`. (If the number is
/// 1, it is a server's.) All others have clients, with the number 0, and a server, with 1. What is said decides where
/// that is not so: `trait Both`, `trait Server` or `trait Client`, and for other numbers
/// `#[network_object(roles(client = 2, server = 5))]`.
///
/// # What is checked
///
/// A type that is written must fit the hint: no wider than Python's, and of its kind. What does not fit, does not
/// compile. A default is checked against the type it is for in the same way.
///
/// Who may create objects and make calls, Python cannot say: creation is the server's and calls are the owner's, until
/// it is said. Fields of clients are calls here unless they are named in `State`. Those that Python keeps for late
/// joiners, as it does with all that do not say otherwise, are kept here too: `persist = ram`; say `persist = none` of
/// those that only happen. Calls to the server are not kept: Python keeps them so that a creation can carry them, and
/// here it can in any case.
#[proc_macro]
pub fn manifest(input: TokenStream) -> TokenStream {
    expand("manifest", manifest::expand(input.into()))
}

/// Hands out what a macro made; with `MAGICNET_DERIVE_DEBUG=1` in the environment it is printed as well.
#[expect(clippy::print_stderr, reason = "this is what the variable asks for")]
fn expand(name: &str, made: proc_macro2::TokenStream) -> TokenStream {
    if std::env::var_os("MAGICNET_DERIVE_DEBUG").is_some_and(|value| value == "1") {
        eprintln!("// expansion of {name}\n{made}");
    }
    made.into()
}
