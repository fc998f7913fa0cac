//! What could exceed a frame does not compile, and names the argument to shrink.

use magicnet::prelude::*;

#[network_object(name = "door")]
pub mod door {
    pub trait Client {
        fn read_out(&mut self, page: u16, #[arg(rest)] lines: List<Str<500>, 40>);
    }
}

fn main() {}
