//! The direct form, `Both` and predicates pass whatever their user denies.

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

use magicnet::prelude::{List, Str, Text, network_object};

/// Whether it may.
const fn may(_: &magicnet::Connection) -> bool {
    true
}
/// Whether it may.
const fn may_so(_: &magicnet::Connection, _: &magicnet::Subject<'_, Door>) -> bool {
    true
}
/// Whether it is small.
const fn small(value: &(u8, u64, u64)) -> bool {
    value.0 < 4
}

/// A door.
#[network_object(name = "door", role = server, peer = Watcher, create = may)]
#[derive(Debug, Default)]
struct Door {
    /// Whether it is open.
    #[network_field(to = viewers, init = creator)]
    open: bool,
    /// Where.
    #[network_field(to = viewers, spread)]
    at: (u8, u8),
    /// Seed.
    #[network_field(to = nobody, default = 4)]
    seed: u64,
}

#[network_object]
impl Door {
    /// Knocks.
    #[network_field(from = may)]
    fn knock(&mut self, cx: &mut DoorCx<'_>, #[arg(check = small)] times: (u8, u64, u64), name: Text<'_, 3>) {
        self.open = times.0 > 1 && !name.is_empty();
        self.at = (self.at.1, times.0);
        self.seed ^= 1;
        cx.clients().creak(Str::default(), List::new());
        cx.owner().whisper();
    }
    /// Turns.
    #[network_field(from = anyone)]
    fn turn(&mut self, _: &mut DoorCx<'_>, one: u8, two: u8, three: u8, four: u8, five: u8, six: u8) {
        self.open = one & two & three & four & five & six > 0;
    }
    /// Knocks.
    #[network_field(from = may_so, persist = ram)]
    fn rap(&mut self, cx: &mut DoorCx<'_>) {
        self.open = cx.id().to_u64() == 3;
    }
}

/// Watches.
#[network_object(name = "door", role = client, peer = Door)]
#[derive(Debug, Default)]
struct Watcher {
    /// How often.
    count: u32,
}

#[network_object]
impl Watcher {
    /// Creaks.
    #[network_field(to = viewers, persist = ram)]
    fn creak(&mut self, cx: &mut WatcherCx<'_>, name: Str<4>, #[arg(rest)] more: List<u8, 3>) {
        if cx.state().open && name.is_empty() && more.is_empty() {
            self.count = 0;
        }
    }
    /// Whispers.
    #[network_field(to = owner)]
    fn whisper(&mut self, cx: &mut WatcherCx<'_>) {
        cx.server().knock((u8::from(self.count > 0), 0, 0), Text::default());
    }
    /// It opened.
    fn open_changed(&mut self, cx: &mut WatcherCx<'_>, old: bool) {
        if old {
            cx.server().rap();
        }
        self.count = 3;
    }
    /// It is there.
    fn on_generate(&mut self, cx: &mut WatcherCx<'_>) {
        cx.server().rap();
        self.count = 3;
    }
}

/// The same.
#[network_object(name = "dot", role = both)]
#[derive(Debug, Default)]
struct Dot {
    /// X.
    #[network_field(to = viewers)]
    x: i32,
}

#[network_object]
impl Dot {
    /// Moves.
    #[network_field(from = anyone, to = viewers)]
    fn step(&mut self, cx: &mut DotCx<'_>, by: i32) {
        if cx.authority().is_some() {
            self.x = by;
        }
        cx.peers().step(self.x);
    }
    /// Hints.
    #[network_field(from = owner, to = owner)]
    fn hint(&mut self, cx: &mut DotCx<'_>) {
        self.x = 0;
        cx.server().step(3);
    }
}

/// The same in a module.
#[network_object(name = "spot", roles(both = 3))]
mod spot {
    /// What all see.
    #[derive(Debug)]
    struct State {
        /// X.
        #[network_field(to = viewers, init = creator)]
        x: i32,
        /// Y.
        #[network_field(to = nobody)]
        y: i32,
        /// P.
        #[network_field(to = owner, spread, index = 0)]
        p: (i32, i32),
    }
    /// All.
    trait Both {
        /// Moves.
        #[network_field(from = may, to = viewers)]
        fn step(&mut self, by: i32);
        /// Hints.
        #[network_field(from = anyone, to = owner, persist = ram)]
        fn hint(&mut self, by: i32);
    }
}
/// It.
#[derive(Debug, Default, Clone, Copy)]
struct Spot;
#[network_object]
#[allow(clippy::missing_trait_methods, reason = "the rest is provided")]
impl spot::Both for Spot {
    fn step(&mut self, cx: &mut spot::BothCx<'_, Self>, by: i32) {
        if let Some(mut server) = cx.authority() {
            server.state_mut().x = by;
            server.state_mut().y = by;
            server.state_mut().p = (by, by);
        }
    }
    fn hint(&mut self, cx: &mut spot::BothCx<'_, Self>, by: i32) {
        cx.peers().step(by);
    }
}
/// Also a test, for `clippy` to see this file.
#[cfg_attr(test, test)]
fn main() {}
