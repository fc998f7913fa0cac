//! A type is a network type.

magicnet::manifest! {
    "ui/manifests/client.json", "ui/manifests/server.json";

    pub mod door {
        trait Server {
            fn knock(times: Times);
        }
    }
}

pub struct Times;

impl Default for Times {
    fn default() -> Self {
        Self
    }
}

fn main() {}
