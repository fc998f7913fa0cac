//! A hub of WebSockets, as one would write it with the library of the trade: what one says is fed to all, and flushed
//! once for each.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};

use anyhow::anyhow;
use tungstenite::{Message, WebSocket};

use super::sockets::{Serve, Sockets};

pub(super) fn serve() -> anyhow::Result<()> {
    let sockets = Sockets::bind()?;
    super::announce(format_args!("ws://{}", sockets.local_addr()?));
    Ok(sockets.run(&mut Hub::default())?)
}

#[derive(Debug, Default)]
struct Hub {
    /// Those that have shaken hands.
    open: BTreeMap<usize, WebSocket<Pipe>>,
}

impl Serve for Hub {
    fn opened(&mut self, _socket: usize) {}

    fn received(&mut self, socket: usize, bytes: &[u8]) -> usize {
        match self.open.get_mut(&socket) {
            Some(open) => open.get_mut().input.extend_from_slice(bytes),
            None if bytes.ends_with(b"\r\n\r\n") => match upgrade(bytes) {
                Ok(open) => drop(self.open.insert(socket, open)),
                Err(error) => eprintln!("hub: {error}"),
            },
            None => return 0,
        }
        let mut said = Vec::new();
        let open = self.open.get_mut(&socket);
        said.extend(open.into_iter().flat_map(|open| std::iter::from_fn(|| open.read().ok())));
        for message in said {
            for viewer in self.open.values_mut() {
                // Its buffer takes everything.
                let _ = viewer.write(Message::clone(&message));
            }
        }
        bytes.len()
    }

    fn flush(&mut self, write: &mut dyn FnMut(usize, &[u8])) {
        for (socket, open) in &mut self.open {
            // The same.
            let _ = open.flush();
            let output = &mut open.get_mut().output;
            if !output.is_empty() {
                write(*socket, output);
                output.clear();
            }
        }
    }

    fn closed(&mut self, socket: usize) {
        self.open.remove(&socket);
    }
}

fn upgrade(request: &[u8]) -> anyhow::Result<WebSocket<Pipe>> {
    let pipe = Pipe { input: request.to_vec(), output: Vec::new() };
    tungstenite::accept(pipe).map_err(|refused| anyhow!("no WebSocket: {refused}"))
}

/// What came and was not read, and what is to be sent.
#[derive(Debug)]
struct Pipe {
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let len = self.input.as_slice().read(buffer)?;
        self.input.drain(..len);
        Ok(len)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
