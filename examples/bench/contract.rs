//! What is measured, beside the numbers of `number_server`.

use magicnet::prelude::*;

/// Somebody who moves: its owner says where it is, everybody in its zone sees it.
#[network_object(name = "mover", create = anyone)]
pub(crate) mod mover {
    /// What everybody sees.
    struct State {
        /// When it was sent, in microseconds of the load's clock, and where it is.
        #[network_field(to = viewers)]
        pub place: (u32, f32, f32),
    }

    /// Calls that the server answers.
    trait Server {
        /// Where it is now.
        #[network_field(from = owner)]
        fn move_to(&mut self, place: (u32, f32, f32));
    }
}

/// Goes to the server and comes back as [`Pong`].
#[message(id = 64, from = client)]
pub(crate) struct Ping {
    /// Anything.
    pub payload: Bytes<64>,
}

/// The answer to [`Ping`].
#[message(id = 65, from = server)]
pub(crate) struct Pong {
    /// The same.
    pub payload: Bytes<64>,
}
