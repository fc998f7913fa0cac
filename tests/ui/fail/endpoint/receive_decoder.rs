//! The name of a decoder is none.

use magicnet::Tcp;

fn main() {
    let _ = Tcp::bind("127.0.0.1:5001").receive_decoder("json");
}
