//! What those leave behind who come and go: nothing, however many they were and however they went.

use std::time::Duration;

use magicnet::{ConnectionConfig, Node, Time};

use crate::server;

/// `[2, [3, 12 34 56 78]]`, and `[6, [local, type 0, owner 0, zone 0, []]]`, in frames.
const HELLO: &[u8] = &[0, 10, 0x92, 2, 0x92, 3, 0xc4, 4, 0x12, 0x34, 0x56, 0x78];
const CREATE: &[u8] = &[0, 8, 0x92, 6, 0x95, 1, 0, 0, 0, 0x90];
/// `[12, []]`, `[3, [0, nil]]` and `[4, []]`.
const SHOW: &[u8] = &[0, 3, 0x92, 12, 0x90];
const DISCONNECT: &[u8] = &[0, 5, 0x92, 3, 0x92, 0, 0xc0];
const SHUTDOWN: &[u8] = &[0, 3, 0x92, 4, 0x90];

/// A few of each way to go, one every second: what has its time has had it.
const WARM_UP: u64 = 600;
const VISITS: u64 = 6_000;

/// Room that tables keep for the next visitor, and not for each.
const ROOM: i64 = 4 * 1024;

#[test]
fn who_comes_and_goes_leaves_nothing_in_memory() {
    let mut server = server().build().unwrap();
    (0..WARM_UP).for_each(|number| visit(&mut server, number));
    let counted = allocation_counter::measure(|| {
        (WARM_UP..WARM_UP + VISITS).for_each(|number| visit(&mut server, number));
    });
    let (bytes, count) = (counted.bytes_current, counted.count_current);
    println!("{VISITS} visits: {bytes} bytes left behind in {count} allocations");
    assert!(bytes.abs() < ROOM, "{counted:?}");
    let later = Time::after_start(Duration::from_secs(2 * (WARM_UP + VISITS)));
    server.handle_timeout(later);
    assert_eq!(server.run(later, |n| (n.connections().count(), n.object_count())), (0, 0));
    assert_eq!(server.poll_timeout(), None, "nothing is waited for");
}

/// Somebody comes, makes an object, sees all there are, and goes: with a word, with another, without one, or before it
/// was let in.
fn visit(server: &mut Node, number: u64) {
    let now = Time::after_start(Duration::from_secs(number));
    let connection = server.handle_opened(now, &ConnectionConfig::accepted());
    let way = number % 5;
    if way > 0 {
        server.handle_bytes(now, connection, HELLO);
        write_all(server, now);
        server.handle_bytes(now, connection, CREATE);
        server.handle_bytes(now, connection, SHOW);
        write_all(server, now);
        assert_eq!(server.run(now, |n| n.object_count()), 1);
    }
    match way {
        1 => server.handle_bytes(now, connection, DISCONNECT),
        2 => server.handle_bytes(now, connection, SHUTDOWN),
        // Half a frame, and then nothing.
        3 => server.handle_bytes(now, connection, &HELLO[..5]),
        _ => {}
    }
    write_all(server, now);
    if matches!(way, 0 | 3 | 4) {
        server.handle_lost(now, connection, "cut");
    }
    server.handle_timeout(now);
    write_all(server, now);
    assert_eq!(server.run(now, |n| (n.connections().count(), n.object_count())), (0, 0));
}

fn write_all(server: &mut Node, now: Time) {
    while let Some(transmit) = server.poll_transmit(now) {
        let (connection, len) = (transmit.connection, transmit.bytes.len());
        server.handle_written(connection, len);
    }
    while server.poll_closed().is_some() {}
}
