//! Generated code passes whatever its user denies.

#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, unnameable_types)]
#![deny(
    elided_lifetimes_in_paths,
    unused_qualifications,
    unused_results,
    unused_lifetimes,
    single_use_lifetimes
)]
#![deny(trivial_casts, trivial_numeric_casts, unused_import_braces, variant_size_differences, unit_bindings)]
#![deny(missing_copy_implementations, let_underscore_drop, redundant_lifetimes, unused_macro_rules)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![deny(clippy::missing_docs_in_private_items, clippy::exhaustive_enums, clippy::exhaustive_structs)]
#![deny(clippy::absolute_paths, clippy::wildcard_imports, clippy::single_char_lifetime_names)]
#![deny(clippy::missing_inline_in_public_items, clippy::arithmetic_side_effects, clippy::shadow_reuse)]
#![deny(clippy::allow_attributes, clippy::allow_attributes_without_reason, clippy::missing_trait_methods)]
#![deny(
    clippy::question_mark_used,
    clippy::pub_use,
    clippy::let_underscore_untyped,
    clippy::mod_module_files
)]
#![forbid(unsafe_code)]
#![allow(
    clippy::allow_attributes,
    clippy::blanket_clippy_restriction_lints,
    reason = "the user's own, below"
)]

use magicnet::prelude::{Disconnect, List, MessageCx, NetworkType, Str, Text};
use magicnet::prelude::{message, message_handler, network_object};

/// A door.
#[network_object(name = "door", create = anyone, on_owner_left = keep)]
mod door {
    /// What all see.
    #[non_exhaustive]
    #[derive(Debug)]
    struct State {
        /// Whether it is open.
        #[network_field(to = viewers, always)]
        open: bool,
        /// Its name.
        #[network_field(to = viewers, wire = "name")]
        title: Str<16>,
    }

    /// What the server does.
    trait Server {
        /// Knocks.
        #[network_field(from = anyone)]
        fn knock(&mut self, times: u8, hard: bool, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: Str<4>);
        /// Locks.
        fn lock(&mut self, #[arg(default = 3)] turns: u8, #[arg(rest)] keys: List<Str<4>, 4>);
        /// Closes.
        #[network_field(from = server)]
        fn close(&mut self);
    }

    /// What clients hear.
    trait Client {
        /// Creaks.
        fn creak(&mut self, name: Text<'_, 16>, #[arg(any_float)] how: f32);
        /// Whispers.
        #[network_field(to = owner)]
        fn whisper(&mut self);
    }
}

/// How it stands.
#[derive(NetworkType, Debug, Clone, Copy)]
#[non_exhaustive]
enum Stance {
    /// Open.
    Open,
    /// Closed.
    Closed,
}

/// What is done with it.
#[derive(NetworkType, Debug, Clone, Copy)]
#[non_exhaustive]
enum Act<'text> {
    /// Nothing.
    Wait,
    /// It is moved.
    Move {
        /// To where.
        to: Stance,
        /// How fast.
        #[arg(default = 1.0, any_float)]
        speed: f64,
    },
    /// It is called something.
    Call(Text<'text, 4>),
}

/// A hinge.
#[derive(NetworkType, Debug, Clone, Copy)]
struct Hinge<'text> {
    /// Its name.
    name: Text<'text, 4>,
    /// Its height.
    #[arg(default = 1.0, any_float)]
    height: f32,
}

/// Says something.
#[message(id = 64, from = client, before_handshake)]
#[derive(Debug, Clone, Copy)]
struct Say<'text> {
    /// What.
    text: Text<'text, 16>,
    /// Where.
    hinge: Hinge<'text>,
    /// And done.
    act: Act<'text>,
}

/// Answers.
#[message_handler(role = server)]
fn say(cx: &mut MessageCx<'_>, said: Say<'_>) -> Result<(), Disconnect> {
    let act = match said.act {
        Act::Wait => Act::Move { to: Stance::Open, speed: 1.0 },
        Act::Move { to: Stance::Open, .. } => Act::Move { to: Stance::Closed, speed: 1.0 },
        Act::Move { .. } => Act::Call(said.hinge.name),
        Act::Call(_) => Act::Wait,
    };
    cx.reply(Say { act, ..said });
    Ok(())
}

/// The server's.
#[derive(Debug, Default, Clone, Copy)]
struct Door;

#[network_object]
#[allow(clippy::too_many_arguments, clippy::missing_trait_methods, reason = "the contract has that many")]
impl door::Server for Door {
    fn knock(
        &mut self,
        cx: &mut door::ServerCx<'_, Self>,
        _: u8,
        hard: bool,
        _: u8,
        _: u8,
        _: u8,
        _: u8,
        _: u8,
        _: u8,
        _: Str<4>,
    ) {
        cx.state_mut().open = hard;
    }
    fn lock(&mut self, cx: &mut door::ServerCx<'_, Self>, _: u8, _: List<Str<4>, 4>) {
        cx.owner().whisper();
    }
    fn close(&mut self, cx: &mut door::ServerCx<'_, Self>) {
        cx.clients().creak(Text::default(), 1.0);
    }
}

/// The client's.
#[derive(Debug, Default, Clone, Copy)]
struct Watcher;

#[network_object]
#[allow(clippy::missing_trait_methods, reason = "the rest is provided")]
impl door::Client for Watcher {
    fn creak(&mut self, _: &mut door::ClientCx<'_, Self>, _: Text<'_, 16>, _: f32) {}
    fn whisper(&mut self, cx: &mut door::ClientCx<'_, Self>) {
        if let Some(mine) = cx.owned() {
            mine.server().lock(1, List::new());
        }
    }
}

/// Also a test, for `clippy` to see this file.
#[cfg_attr(test, test)]
fn main() {}
