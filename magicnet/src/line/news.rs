//! What an edge tells a world that is not at hand: pieces of news in order, over one arena of bytes.

use core::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use super::{ConnectionId, Ending, Opening, Upstream};
use crate::schema::Role;
use crate::wire::RawMessage;

/// The news of one or more turns of an edge. It is reused: clearing keeps its memory.
#[derive(Debug, Default)]
pub(crate) struct News {
    arena: Vec<u8>,
    pieces: Vec<Piece>,
}

/// One piece of news; most are messages, and those take little room.
#[derive(Debug)]
struct Piece {
    /// Nobody, if it is about nobody who is there.
    connection: ConnectionId,
    what: What,
}

#[derive(Debug)]
enum What {
    Opened(Box<Opened>),
    Greeted(Option<Span>),
    Parameter { name: Span, value: Span },
    Message(Span),
    Ignored(Span),
    Drained,
    FellBehind,
    RoundTrip(Duration),
    TurnedAway { remote: Option<SocketAddr>, why: Span },
    Closed(Box<Ending>),
}

#[derive(Debug)]
struct Opened {
    opening: Opening,
    role: Option<Role>,
    peer: Role,
    remote: Option<SocketAddr>,
}

/// A part of the arena, which is far smaller than 4 GiB.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

impl News {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// How much memory it takes: many small messages have few bytes, and a piece each.
    pub(crate) fn weight(&self) -> usize {
        self.arena.len() + self.pieces.len() * size_of::<Piece>()
    }

    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.arena.clear();
        self.pieces.clear();
    }

    /// Adds a piece of news, in which the connection is called `name`.
    pub(crate) fn push(&mut self, news: Upstream<'_>, name: impl FnOnce(ConnectionId) -> ConnectionId) {
        let (connection, what) = match news {
            Upstream::Opened { connection, opening, role, peer, remote } => {
                (connection, What::Opened(Box::new(Opened { opening, role, peer, remote })))
            }
            Upstream::Greeted { connection, motd } => {
                (connection, What::Greeted(motd.map(|motd| self.keep(motd.as_bytes()))))
            }
            Upstream::Parameter { connection, name, value } => {
                let name = self.keep(name.as_bytes());
                (connection, What::Parameter { name, value: self.keep(value) })
            }
            Upstream::Message { connection, message } => {
                (connection, What::Message(self.keep(message.bytes)))
            }
            Upstream::Ignored { connection, what } => (connection, What::Ignored(self.keep(what.as_bytes()))),
            Upstream::Drained { connection } => (connection, What::Drained),
            Upstream::FellBehind { connection } => (connection, What::FellBehind),
            Upstream::RoundTrip { connection, time } => (connection, What::RoundTrip(time)),
            Upstream::TurnedAway { remote, why } => {
                let what = What::TurnedAway { remote, why: self.keep(why.as_bytes()) };
                return self.pieces.push(Piece { connection: ConnectionId::default(), what });
            }
            Upstream::Closed { connection, ending } => (connection, What::Closed(Box::new(ending.clone()))),
        };
        self.pieces.push(Piece { connection: name(connection), what });
    }

    /// Tells the piece at a place, if there are so many.
    pub(crate) fn tell<R>(&self, place: usize, to: impl FnOnce(Upstream<'_>) -> R) -> Option<R> {
        let Piece { connection, what } = self.pieces.get(place)?;
        let connection = *connection;
        let message;
        Some(to(match what {
            What::Message(bytes) => {
                message = RawMessage::parse(self.bytes(*bytes)).expect("its envelope was read when it came");
                Upstream::Message { connection, message: &message }
            }
            What::Opened(opened) => {
                let Opened { opening, role, peer, remote } = **opened;
                Upstream::Opened { connection, opening, role, peer, remote }
            }
            What::Greeted(motd) => Upstream::Greeted { connection, motd: motd.map(|motd| self.text(motd)) },
            What::Parameter { name, value } => {
                Upstream::Parameter { connection, name: self.text(*name), value: self.bytes(*value) }
            }
            What::Ignored(what) => Upstream::Ignored { connection, what: self.text(*what) },
            What::Drained => Upstream::Drained { connection },
            What::FellBehind => Upstream::FellBehind { connection },
            What::RoundTrip(time) => Upstream::RoundTrip { connection, time: *time },
            What::TurnedAway { remote, why } => {
                Upstream::TurnedAway { remote: *remote, why: self.text(*why) }
            }
            What::Closed(ending) => Upstream::Closed { connection, ending },
        }))
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Moves what `later` holds behind what is here.
    pub(crate) fn append(&mut self, later: &mut Self) {
        let base = position(self.arena.len());
        self.arena.append(&mut later.arena);
        // The end of the arena is checked, so no sum of positions in it is too large.
        position(self.arena.len());
        self.pieces.extend(later.pieces.drain(..).map(|piece| piece.behind(base)));
    }

    fn keep(&mut self, bytes: &[u8]) -> Span {
        let start = position(self.arena.len());
        self.arena.extend_from_slice(bytes);
        Span { start, end: position(self.arena.len()) }
    }

    fn bytes(&self, span: Span) -> &[u8] {
        &self.arena[Range { start: span.start as usize, end: span.end as usize }]
    }

    fn text(&self, span: Span) -> &str {
        std::str::from_utf8(self.bytes(span)).expect("it was a text when it was put there")
    }
}

impl Piece {
    /// The same, where `base` bytes stand in front.
    fn behind(mut self, base: u32) -> Self {
        let shift = |span: &mut Span| {
            span.start += base;
            span.end += base;
        };
        match &mut self.what {
            What::Opened(_)
            | What::Drained
            | What::FellBehind
            | What::RoundTrip(_)
            | What::Closed(_)
            | What::Greeted(None) => {}
            What::Greeted(Some(span))
            | What::Message(span)
            | What::Ignored(span)
            | What::TurnedAway { why: span, .. } => shift(span),
            What::Parameter { name, value } => {
                shift(name);
                shift(value);
            }
        }
        self
    }
}

fn position(len: usize) -> u32 {
    u32::try_from(len).expect("an edge stops reading long before its news take 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::DisconnectReason;

    /// What stands at a place, as a debugger shows it: news borrow, and are compared here alone.
    fn shown(news: &News) -> Vec<String> {
        (0..).map_while(|place| news.tell(place, |piece| format!("{piece:?}"))).collect()
    }

    #[test]
    fn what_was_put_in_comes_out_in_order() {
        let connection = ConnectionId::default();
        let ending = Ending::ByUs { reason: DisconnectReason(11), detail: Some("enough".to_owned()) };
        let pieces = [
            Upstream::Opened {
                connection,
                opening: Opening::Accepted,
                role: Some(Role::SERVER),
                peer: Role::CLIENT,
                remote: Some(([127, 0, 0, 1], 5001).into()),
            },
            Upstream::Parameter { connection, name: "vz", value: &[0x91, 7] },
            Upstream::Greeted { connection, motd: None },
            Upstream::Greeted { connection, motd: Some("welcome") },
            Upstream::Message { connection, message: &RawMessage::parse(&[0x92, 64, 0x90]).unwrap() },
            Upstream::Ignored { connection, what: "a second MOTD" },
            Upstream::Drained { connection },
            Upstream::RoundTrip { connection, time: Duration::from_millis(3) },
            Upstream::TurnedAway { remote: None, why: "too many" },
            Upstream::Closed { connection, ending: &ending },
        ];
        let expected: Vec<String> = pieces.iter().map(|piece| format!("{piece:?}")).collect();
        let (mut first, mut second) = (News::default(), News::default());
        for piece in pieces {
            first.push(piece, |name| name);
            second.push(piece, |name| name);
        }
        assert_eq!(shown(&first), expected);
        first.append(&mut second);
        assert_eq!(shown(&first), [&expected[..], &expected].concat());
        assert!(second.is_empty() && second.weight() == 0);
    }

    #[test]
    fn small_messages_are_not_free() {
        let mut news = News::default();
        let (connection, message) = (ConnectionId::default(), &RawMessage::parse(&[0x92, 64, 0x90]).unwrap());
        for _ in 0..1_000 {
            news.push(Upstream::Message { connection, message }, |name| name);
        }
        assert!(news.weight() >= 1_000 * (3 + size_of::<ConnectionId>()));
    }
}
