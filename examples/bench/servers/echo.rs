//! A raw echo under tokio with the same framing: every frame goes back as it came. It is the limit of a round trip.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::load::v3::frames;

pub(super) fn serve() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        super::announce(listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async {
                if let Err(error) = echo(stream).await {
                    eprintln!("echo: {error}");
                }
            });
        }
    })
}

async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut received = Vec::with_capacity(64 * 1024);
    let mut answer = Vec::new();
    while stream.read_buf(&mut received).await? > 0 {
        answer.clear();
        let used = frames(&received, |datagram| {
            let len = u16::try_from(datagram.len()).expect("it came with such a length");
            answer.extend_from_slice(&len.to_be_bytes());
            answer.extend_from_slice(datagram);
        });
        received.drain(..used);
        stream.write_all(&answer).await?;
    }
    Ok(())
}
