//! A byte relay: what one connection says goes to all others, unread. It is the limit of what a machine can deliver.

use super::sockets::{Serve, Sockets};

pub(super) fn serve() -> anyhow::Result<()> {
    let sockets = Sockets::bind()?;
    super::announce(sockets.local_addr()?);
    Ok(sockets.run(&mut Relay::default())?)
}

#[derive(Debug, Default)]
struct Relay {
    connected: Vec<usize>,
    block: Vec<u8>,
}

impl Serve for Relay {
    fn opened(&mut self, socket: usize) {
        self.connected.push(socket);
    }

    fn received(&mut self, _socket: usize, bytes: &[u8]) -> usize {
        self.block.extend_from_slice(bytes);
        bytes.len()
    }

    fn flush(&mut self, write: &mut dyn FnMut(usize, &[u8])) {
        if !self.block.is_empty() {
            self.connected.iter().for_each(|socket| write(*socket, &self.block));
            self.block.clear();
        }
    }

    fn closed(&mut self, socket: usize) {
        self.connected.retain(|known| *known != socket);
    }
}
