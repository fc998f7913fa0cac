//! What nats and redis speak, as far as one subject with many subscribers needs it.

use super::{Place, Swarm};

/// How a server is spoken to; the subject is `n`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// What everybody says first; the answer ends in `PONG`.
    hello: &'static str,
    subscribe: &'static str,
    subscribed: &'static str,
    /// What makes the server tell all subscribers so many bytes.
    publish: fn(usize) -> String,
    /// What they are told before these bytes; a line ends behind them.
    told: fn(usize) -> String,
}

pub(crate) const NATS: Dialect = Dialect {
    hello: "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n",
    subscribe: "SUB n 1\r\nPING\r\n",
    subscribed: "PONG",
    publish: |len| format!("PUB n {len}\r\n"),
    told: |len| format!("MSG n 1 {len}\r\n"),
};

pub(crate) const REDIS: Dialect = Dialect {
    hello: "PING\r\n",
    subscribe: "SUBSCRIBE n\r\n",
    subscribed: ":1\r\n",
    publish: |len| format!("*3\r\n$7\r\nPUBLISH\r\n$1\r\nn\r\n${len}\r\n"),
    told: |len| format!("*3\r\n$7\r\nmessage\r\n$1\r\nn\r\n${len}\r\n"),
};

impl Dialect {
    /// Connects a peer that subscribes to nothing.
    pub(crate) fn connect(self, swarm: &mut Swarm, server: &Place) -> anyhow::Result<usize> {
        let peer = swarm.connect_unframed(server)?;
        swarm.send(peer, self.hello.as_bytes());
        swarm.expect(peer, "the greeting", |said| contains(said, b"PONG\r\n"))?;
        Ok(peer)
    }

    /// Connects a peer that is told what is published.
    pub(crate) fn subscribe(self, swarm: &mut Swarm, server: &Place) -> anyhow::Result<usize> {
        let peer = self.connect(swarm, server)?;
        swarm.send(peer, self.subscribe.as_bytes());
        swarm.expect(peer, "the subscription", |said| contains(said, self.subscribed.as_bytes()))?;
        Ok(peer)
    }

    /// What publishes `payload`, and how many bytes each subscriber gets of it.
    pub(crate) fn publish(self, payload: &[u8]) -> (Vec<u8>, u64) {
        let said = [(self.publish)(payload.len()).as_bytes(), payload, LINE_END].concat();
        (said, ((self.told)(payload.len()).len() + payload.len() + LINE_END.len()) as u64)
    }
}

const LINE_END: &[u8] = b"\r\n";

/// The echo of redis: what is sent, and how long the answer is.
pub(crate) fn redis_echo(payload: &[u8]) -> (Vec<u8>, u64) {
    let bulk = [format!("${}\r\n", payload.len()).as_bytes(), payload, LINE_END].concat();
    ([b"*2\r\n$4\r\nECHO\r\n", &bulk[..]].concat(), bulk.len() as u64)
}

fn contains(said: &[u8], what: &[u8]) -> Option<()> {
    said.windows(what.len()).any(|piece| piece == what).then_some(())
}
