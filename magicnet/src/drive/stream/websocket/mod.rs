//! WebSockets: a stream of frames like any other, to those above; one message for each datagram, to the other side.
//!
//! Handshake and headers of frames are those of `tungstenite`, without its sockets. The handshake of WebSocket counts
//! as a part of MagicNet's: nothing is taken to be sent before it is through, and the edge ends who takes too long.
//! What a peer makes a connection keep is bounded: eight kilobytes of a request, one message in parts, one ping.

mod decode;
mod encode;
mod upgrade;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tungstenite::protocol::frame::coding::{CloseCode, Control, Data};

use super::layers::Overhead;
use super::{ByteStream, READ_SIZE};
use crate::node::Parting;
use decode::{Breach, Decoder, output_size};
use encode::{Masks, close_content, end_of_frame, first_frames, masked, push_control, with_turned};
use upgrade::Head;
pub(in crate::drive) use upgrade::Origins;

/// What the connections that a listener accepts have in common.
#[derive(Debug)]
pub(in crate::drive) struct Door {
    origins: Origins,
    data: Data,
}

impl Door {
    pub(in crate::drive) fn new(origins: Origins, is_text: bool) -> Self {
        Self { origins, data: data_of(is_text) }
    }
}

/// A WebSocket over a stream.
pub(super) struct WebSocket<S> {
    stream: S,
    talk: Talk,
}

/// What is said on one, without the stream.
struct Talk {
    stage: Stage,
    side: Side,
    decoder: Decoder,
    /// What goes before all else: a request or its answer, the rest of a frame, control frames.
    out: Vec<u8>,
    /// How much of that was sent.
    sent: usize,
    /// What we close with.
    code: CloseCode,
    /// How the other side has broken the protocol.
    breach: Option<Breach>,
    overhead: Overhead,
}

enum Stage {
    /// A server waits for the lines of a request.
    AwaitRequest(Head),
    /// A client waits for the lines of the answer, which accepts its request so.
    AwaitAnswer(Head, String),
    Open,
    /// The other side has closed, or may say nothing more.
    Over,
    /// So have we; what still comes is of no interest.
    Closed,
}

enum Side {
    Server(Arc<Door>),
    Client { data: Data, masks: Masks },
}

impl<S> WebSocket<S> {
    /// What the other side is told at the end, beside what MagicNet says: 4000 and the reason, if there is one.
    pub(super) fn set_parting(&mut self, parting: Parting) {
        self.talk.code = match parting {
            Parting::Plain => CloseCode::Normal,
            Parting::Shutdown => CloseCode::Away,
            Parting::Reason(reason) | Parting::TurnedAway(reason) => {
                CloseCode::from(4000 + u16::from(reason.0))
            }
        };
    }
}

#[cfg(feature = "testing")]
impl<S> WebSocket<S> {
    /// How many bytes are kept, sent or not.
    pub(super) fn kept(&self) -> usize {
        let head = match &self.talk.stage {
            Stage::AwaitRequest(head) | Stage::AwaitAnswer(head, _) => head.kept(),
            Stage::Open | Stage::Over | Stage::Closed => 0,
        };
        head + self.talk.decoder.kept() + self.talk.out.capacity()
    }
}

impl<S: ByteStream> WebSocket<S> {
    /// Waits for a client's request on `stream`.
    pub(super) fn accept(stream: S, door: &Arc<Door>) -> Self {
        let decoder = Decoder::new(true, door.data == Data::Text);
        let side = Side::Server(Arc::clone(door));
        Self { stream, talk: Talk::new(Stage::AwaitRequest(Head::default()), side, decoder, Vec::new()) }
    }

    /// Asks for a WebSocket at `url`.
    pub(super) fn connect(stream: S, url: &str, is_text: bool) -> io::Result<Self> {
        let (request, accept) = upgrade::request(url)?;
        let side = Side::Client { data: data_of(is_text), masks: Masks::new() };
        let stage = Stage::AwaitAnswer(Head::default(), accept);
        Ok(Self { stream, talk: Talk::new(stage, side, Decoder::new(false, is_text), request) })
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Talk { out, sent, .. } = &mut self.talk;
        while *sent < out.len() {
            *sent += ready!(self.stream.poll_write(cx, &out[*sent..]))?;
        }
        // An idle connection owns no buffer.
        *out = Vec::new();
        *sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Sends frames with headers of their own, as far as that goes. What is left of one that was sent in part is kept.
    fn poll_frames(&mut self, cx: &mut Context<'_>, frames: &[u8]) -> Poll<io::Result<usize>> {
        let frames = first_frames(frames);
        match &mut self.talk.side {
            Side::Server(door) => {
                let data = door.data;
                with_turned(frames, data, |turned| self.poll_turned(cx, frames, turned, false))
            }
            Side::Client { data, masks } => {
                let turned = masked(frames, *data, masks)?;
                self.poll_turned(cx, frames, &turned, true)
            }
        }
    }

    /// The same, as they were turned.
    fn poll_turned(
        &mut self,
        cx: &mut Context<'_>,
        frames: &[u8],
        turned: &[u8],
        are_masked: bool,
    ) -> Poll<io::Result<usize>> {
        let mut sent = 0;
        while sent < turned.len() {
            match self.stream.poll_write(cx, &turned[sent..]) {
                Poll::Ready(Ok(len)) => sent += len,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if sent == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        let (taken, end) = end_of_frame(frames, sent, are_masked);
        self.talk.out.extend_from_slice(&turned[sent..end]);
        Poll::Ready(Ok(taken))
    }
}

impl<S: ByteStream> ByteStream for WebSocket<S> {
    const LINGERS: bool = S::LINGERS;

    fn remote_addr(&self) -> Option<SocketAddr> {
        self.stream.remote_addr()
    }

    fn is_inside(&self) -> bool {
        self.talk.decoder.is_inside()
    }

    fn take_overhead(&mut self) -> usize {
        self.stream.take_overhead() + self.talk.overhead.take()
    }

    fn poll_read<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
        scratch: &'a mut [u8],
    ) -> Poll<io::Result<&'a [u8]>> {
        if matches!(self.talk.stage, Stage::Closed) {
            return self.stream.poll_read(cx, scratch);
        }
        let (output, input) = scratch.split_at_mut(OUTPUT_SIZE);
        for _ in 0..READS_WITHOUT_NEWS {
            let _flushed = self.poll_flush(cx)?;
            if matches!(self.talk.stage, Stage::Over) {
                // Our last words go out with the farewell, which has an end also if nobody reads them.
                return Poll::Ready(self.talk.breach.map_or(Ok(&[]), |breach| Err(invalid(breach))));
            }
            let Self { stream, talk } = self;
            let read = match stream.poll_read(cx, input) {
                Poll::Ready(read) => read?,
                Poll::Pending => {
                    // What the stream has read may have been the end of its own handshake: then a request may go.
                    let _flushed = self.poll_flush(cx)?;
                    return Poll::Pending;
                }
            };
            if read.is_empty() {
                return Poll::Ready(Ok(&[]));
            }
            let handled = talk.handle_input(read, output);
            // An answer that does not go out now goes out with the next wake-up.
            let _flushed = self.poll_flush(cx)?;
            match handled? {
                0 => {}
                len => return Poll::Ready(Ok(&output[..len])),
            }
        }
        // Nothing but pings and the like: the others have their turn before there are more.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.talk.stage {
            // Whoever waits is woken by what ends the waiting.
            Stage::AwaitRequest(_) | Stage::AwaitAnswer(..) => return Poll::Pending,
            // Nobody reads it.
            Stage::Over | Stage::Closed => return Poll::Ready(Ok(bytes.len())),
            Stage::Open => {}
        }
        ready!(self.poll_flush(cx))?;
        self.poll_frames(cx, bytes)
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.talk.stage, Stage::Open) {
            self.talk.control(Control::Close, &close_content(self.talk.code))?;
        }
        self.talk.stage = Stage::Closed;
        ready!(self.poll_flush(cx))?;
        self.stream.poll_shutdown(cx)
    }
}

impl Talk {
    fn new(stage: Stage, side: Side, decoder: Decoder, out: Vec<u8>) -> Self {
        let (code, overhead) = (CloseCode::Normal, Overhead::default());
        Self { stage, side, decoder, out, sent: 0, code, breach: None, overhead }
    }

    /// What was read: datagrams go into `output`, which has so many bytes of them then; the rest is answered.
    fn handle_input(&mut self, mut input: &[u8], output: &mut [u8]) -> io::Result<usize> {
        let len = input.len();
        let handled = self.handle_head(&mut input).and_then(|()| self.handle_frames(input, output));
        self.overhead.count(len, *handled.as_ref().unwrap_or(&0));
        if handled.is_err() {
            self.stage = Stage::Over;
        }
        handled
    }

    /// The beginning of the stream, up to where frames begin, which `input` moves to.
    fn handle_head(&mut self, input: &mut &[u8]) -> io::Result<()> {
        match (&mut self.stage, &self.side) {
            (Stage::AwaitRequest(head), Side::Server(door)) => {
                let granted = match head.take(input) {
                    Ok(false) => return Ok(()),
                    Ok(true) => upgrade::answer(head, &door.origins),
                    Err(refusal) => Err(refusal),
                };
                let (answer, stage) = match granted {
                    Ok(answer) => (answer, Ok(Stage::Open)),
                    Err(refusal) => (refusal.answer(), Err(invalid(refusal.why))),
                };
                self.out = answer;
                self.stage = stage?;
            }
            (Stage::AwaitAnswer(head, accept), _) => {
                let is_whole = head.take(input).map_err(|refusal| invalid(refusal.why))?;
                if !is_whole {
                    return Ok(());
                }
                upgrade::check_answer(head, accept)?;
                self.stage = Stage::Open;
            }
            _ => {}
        }
        Ok(())
    }

    fn handle_frames(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<usize> {
        let (len, decoded) = self.decoder.decode(input, output);
        if let Err(breach) = decoded {
            self.control(Control::Close, &close_content(breach.code()))?;
            self.stage = Stage::Over;
            self.breach = Some(breach);
            // What came before that is handed over first.
            return if len > 0 { Ok(len) } else { Err(invalid(breach)) };
        }
        // Who does not read the answers to its pings gets no more of them.
        if self.out.len() - self.sent < LONGEST_ANSWERS
            && let Some(said) = self.decoder.take_ping()
        {
            self.control(Control::Pong, &said)?;
        }
        if let Some(code) = self.decoder.close().map(<[u8]>::to_vec) {
            self.control(Control::Close, &code)?;
            self.stage = Stage::Over;
        }
        Ok(len)
    }

    fn control(&mut self, control: Control, content: &[u8]) -> io::Result<()> {
        let masks = match &mut self.side {
            Side::Server(_) => None,
            Side::Client { masks, .. } => Some(masks),
        };
        push_control(&mut self.out, control, content, masks)
    }
}

fn data_of(is_text: bool) -> Data {
    if is_text { Data::Text } else { Data::Binary }
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

/// Room for the datagrams of one read.
const OUTPUT_SIZE: usize = output_size(READ_SIZE);

/// Scratch for one read: what the stream reads, and the datagrams in it.
pub(super) const SCRATCH_SIZE: usize = READ_SIZE + OUTPUT_SIZE;

/// How often a stream is read before others have their turn, if nothing comes of it.
const READS_WITHOUT_NEWS: usize = 2;

/// How much waits to be sent before pings are not answered any more.
const LONGEST_ANSWERS: usize = 1024;
