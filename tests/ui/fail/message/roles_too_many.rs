//! A list of senders is short.

use magicnet::prelude::*;

#[message(id = 65, from = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q])]
pub struct Say {
    pub text: Str<16>,
}

fn main() {}
