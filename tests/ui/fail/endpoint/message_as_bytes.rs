//! Middleware works on what it is given.

use magicnet::{MessageMiddleware, Tcp};

struct Passing;

impl MessageMiddleware for Passing {}

fn main() {
    let _ = Tcp::bind("127.0.0.1:5001").middleware(|| Passing);
}
