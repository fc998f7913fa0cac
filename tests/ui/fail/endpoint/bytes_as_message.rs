//! Middleware works on what it is given.

use magicnet::{BytesMiddleware, Tcp};

struct Passing;

impl BytesMiddleware for Passing {}

fn main() {
    let _ = Tcp::bind("127.0.0.1:5001").message_middleware(|| Passing);
}
