//! What is special to Unix sockets: the file that a listener is found by.

use std::os::unix::net::UnixListener;
use std::path::Path;

use magicnet::{Connect, Node, StartError, Unix};
use tokio::net::{UnixSocket, UnixStream};

use crate::background::Thread;
use crate::doors::socket_file;

#[test]
fn the_file_comes_and_goes_with_its_listener() {
    let (thread, file) = (Thread::start(), socket_file());
    let server = thread.run(Node::server().listen(Unix::bind(&file)).start()).unwrap();
    assert!(Path::new(&file).exists());
    assert_eq!(server.local_endpoints()[0].to_string(), format!("unix://{file}"));
    assert_eq!(server.local_addrs(), []);
    thread.run(server.shutdown());
    assert!(!Path::new(&file).exists());
}

#[test]
fn a_file_that_was_left_behind_is_replaced() {
    let (thread, file) = (Thread::start(), socket_file());
    drop(UnixListener::bind(&file).unwrap());
    assert!(Path::new(&file).exists(), "the system leaves it there");
    let server = thread.run(Node::server().listen(Unix::bind(&file)).start()).unwrap();
    let connect: Connect = server.local_endpoints()[0].to_string().parse().unwrap();
    let client = thread.run(Node::client().connect(connect).start()).unwrap();
    thread.run(client.handle().connected()).expect("the server answers there");
    thread.run(server.shutdown());
}

#[test]
fn nothing_else_is_replaced() {
    let (thread, file) = (Thread::start(), socket_file());
    std::fs::write(&file, "precious").unwrap();
    let error = thread.run(Node::server().listen(Unix::bind(&file)).start()).unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    std::fs::remove_file(&file).unwrap();

    let server = thread.run(Node::server().listen(Unix::bind(&file)).start()).unwrap();
    let error = thread.run(Node::server().listen(Unix::bind(&file)).start()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on unix://{file}"));
    thread.run(server.shutdown());
}

/// A server that is too busy to accept is there all the same, and nobody waits for it.
#[test]
fn a_server_that_accepts_nobody_is_not_replaced() {
    let (thread, file) = (Thread::start(), socket_file());
    let (_busy, _waiting) = thread.run(async {
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(&file).unwrap();
        let busy = socket.listen(1).unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = UnixStream::connect(&file).await {
            waiting.push(stream);
        }
        (busy, waiting)
    });
    let error = thread.run(Node::server().listen(Unix::bind(&file)).start()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on unix://{file}"));
    std::fs::remove_file(&file).unwrap();
}
