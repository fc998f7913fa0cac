//! Stories through the core, over simulated time: what users of two and more nodes see.

mod admission;
mod authority;
mod both;
mod bridge;
mod calls;
mod checks;
mod door;
mod encoders;
mod events;
mod factory;
mod fanout_model;
mod fields;
mod grid;
mod handshake;
mod imported;
mod interest;
mod interest_model;
mod joins;
mod kept;
mod library;
mod lifecycle;
mod limits;
mod messages;
mod middleware;
mod number;
mod number_stories;
mod panics;
mod parameters;
mod rates;
mod regress;
mod rollback;
mod routing;
mod rules;
mod shutdown;
mod slow_readers;
mod soak;
mod talk;
mod ticks;
mod types;
mod via;
mod work;
mod zones;

/// The stories of `one-number` once more, told with the direct form.
#[expect(clippy::duplicate_mod, reason = "one source for both forms is the point")]
mod direct {
    pub(crate) mod number;

    #[path = "../authority.rs"]
    mod authority;
    #[path = "../handshake.rs"]
    mod handshake;
    #[path = "../lifecycle.rs"]
    mod lifecycle;
    #[path = "../number_stories.rs"]
    mod number_stories;
    #[path = "../parameters.rs"]
    mod parameters;
    #[path = "../regress.rs"]
    mod regress;
    #[path = "../shutdown.rs"]
    mod shutdown;
    #[path = "../work.rs"]
    mod work;
    #[path = "../zones.rs"]
    mod zones;
}
