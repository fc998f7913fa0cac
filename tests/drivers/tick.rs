//! Nodes that are ticked in turn, in one thread; and what is special to ticks.

use std::io::{self, Write};
use std::net::TcpListener;
use std::time::Duration;

use magicnet::memory::{self, Dial, Pipe};
use magicnet::{Node, NodeBuilder, NodeCx, Tcp, TickError, Time};

use crate::app;
use crate::arena::{Arena, DOORS, FarEnd, Refused};
use crate::diary::{Diary, tail};

/// Every round is a tick of every node, in the order in which they came, and a millisecond.
#[derive(Debug)]
pub(crate) struct Ticks {
    nodes: Vec<Option<Node>>,
    doors: Vec<Dial>,
    now: Time,
}

/// More rounds than any story takes.
const MANY_ROUNDS: usize = 100_000;

impl Ticks {
    pub(crate) fn open() -> Self {
        Self { nodes: Vec::new(), doors: Vec::new(), now: Time::ZERO }
    }

    fn add(&mut self, mut node: Node) -> Result<usize, TickError> {
        node.tick(self.now)?;
        self.nodes.push(Some(node));
        Ok(self.nodes.len() - 1)
    }

    fn round(&mut self) {
        self.now = self.now + Duration::from_millis(1);
        for node in self.nodes.iter_mut().flatten() {
            node.tick(self.now).expect("its endpoints are open");
        }
    }

    fn rounds_until(&mut self, mut done: impl FnMut(&Self) -> bool) -> bool {
        (0..MANY_ROUNDS).any(|_| {
            self.round();
            done(self)
        })
    }
}

impl FarEnd for Pipe {
    fn begin_frame(&mut self, len: u16) -> io::Result<()> {
        self.write_all(&len.to_be_bytes())
    }

    fn dribble(&mut self, byte: u8) -> io::Result<()> {
        self.write_all(&[byte])
    }
}

impl Arena for Ticks {
    type Node = usize;
    type Raw = Pipe;

    fn serve(&mut self, mut server: NodeBuilder) -> usize {
        self.doors.clear();
        for _ in 0..DOORS {
            let (port, dial) = memory::port();
            server = server.listen(port);
            self.doors.push(dial);
        }
        let server = server.build().expect("the server is well described");
        self.add(server).expect("a port can be listened on")
    }

    fn join(&mut self, client: NodeBuilder, door: usize) -> Result<usize, Refused> {
        let client = client.connect(self.doors[door].clone()).build();
        self.add(client.expect("the client is well described")).map_err(|error| {
            assert_eq!(error, TickError::Refused);
            Refused
        })
    }

    fn raw(&mut self, door: usize) -> Pipe {
        self.doors[door].connect().expect("the server listens")
    }

    fn run<R, F>(&mut self, node: &usize, act: F) -> R
    where
        R: Send + 'static,
        F: FnOnce(&mut NodeCx<'_>) -> R + Send + 'static,
    {
        self.nodes[*node].as_mut().expect("the node runs").run(self.now, act)
    }

    fn wait(&mut self, diary: &Diary, what: &str, done: &dyn Fn(&[String]) -> bool) {
        let happened = diary.holds(done) || self.rounds_until(|_| diary.holds(done));
        assert!(happened, "never happened: {what}\n{}", tail(&diary.lines()));
    }

    fn wait_stopped(&mut self, node: usize) {
        let is_finished = |arena: &Self| arena.nodes[node].as_ref().is_some_and(Node::is_finished);
        assert!(self.rounds_until(is_finished), "the node never stops");
        self.nodes[node] = None;
    }

    fn stop(&mut self, node: usize) {
        self.run(&node, |n| n.shutdown());
        self.wait_stopped(node);
    }
}

#[test]
fn what_cannot_be_opened_is_an_error_of_every_tick() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut node = Node::server().listen(Tcp::bind(&address)).build().unwrap();
    let error = node.tick(Time::ZERO).unwrap_err();
    assert!(matches!(&error, TickError::Open { address: told, .. } if *told == address), "{error}");
    assert_eq!(node.tick(Time::ZERO), Err(error), "and it does not forget");
}

#[test]
fn a_peer_that_does_not_answer_is_lost() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let diary = Diary::default();
    let client = app::client(&diary, "ann").connect(Tcp::connect(nobody.to_string()));
    let mut arena = Ticks::open();
    arena.add(client.build().unwrap()).unwrap();
    arena.wait(&diary, "the loss", &|lines| lines.iter().any(|line| line.contains("connection lost")));
}

#[test]
fn who_dials_before_the_port_is_listened_on_waits() {
    let diary = Diary::default();
    let (port, dial) = memory::port();
    let mut arena = Ticks::open();
    let early = app::client(&diary, "early").connect(dial).build().unwrap();
    arena.add(early).unwrap();
    arena.round();
    assert!(diary.lines().is_empty());
    arena.add(app::server(&diary).listen(port).build().unwrap()).unwrap();
    arena.wait_for(&diary, "early: connected");
}

#[test]
fn the_same_calls_give_the_same_story() {
    let story = || {
        let diary = Diary::default();
        let mut arena = Ticks::open();
        crate::stories::a_crowd_talks(&mut arena, &diary, 20);
        diary.lines()
    };
    assert_eq!(story(), story());
}

#[test]
fn a_tick_of_an_idle_node_is_free_of_news() {
    let mut node = Node::server().build().unwrap();
    for second in 0..100 {
        node.tick(Time::after_start(Duration::from_secs(second))).unwrap();
    }
    assert!(node.poll_timeout().is_none());
    node.run(Time::ZERO, |n| n.shutdown());
    assert!(node.is_finished());
}
