//! The contract of numbers that everybody may add to, which the server and its clients share. It is that of Python
//! MagicNet's `c_network_objects`, so its clients and servers may take part.

use magicnet::prelude::*;

/// A number: its owner sets it, everybody adds to it and sees it.
#[network_object(name = "one-number", create = anyone)]
pub mod one_number {
    /// What everybody sees.
    pub struct State {
        /// The number. It is told after every addition, one of 0 included: hence `always`.
        #[network_field(to = viewers, wire = "set_current_value", always)]
        pub value: i32,
    }

    /// Calls that the server answers.
    pub trait Server {
        /// The value to begin with.
        #[network_field(from = owner)]
        fn set_init_value(&mut self, value: i32);

        /// Adds to the number, unless the sum is more than it can hold.
        #[network_field(from = anyone)]
        fn add_value(&mut self, value: i32);
    }
}
