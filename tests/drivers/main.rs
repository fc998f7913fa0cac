//! One suite for every driver: the same stories, told in each arena.
//!
//! An [`Arena`](arena::Arena) is a place where nodes run under one driver and connect in one way. What holds for one
//! of them holds for all; what is special to one is in a file of its own.

mod abuse;
mod app;
mod arena;
mod background;
mod diary;
mod doors;
mod edges;
mod game_loop;
mod quic;
mod raw;
mod slow_readers;
mod stories;
mod tcp;
mod threads;
mod tick;
mod tls;
#[cfg(unix)]
mod unix;
mod websocket;

use std::time::Duration;

use magicnet::Flush;

/// When servers write in the arenas under a tick: often enough for stories of many steps.
fn a_tick() -> Flush {
    Flush::every(Duration::from_millis(5))
}

/// Each story is a test in each arena; those behind the semicolon, of abuse, are also told where nothing but the
/// socket is another one.
macro_rules! suite {
    ($($story:ident,)*; $($abuse:ident,)*) => {
        suite!(@ all $($story,)* $($abuse,)*);
        suite!(@ threads_tls_and_wss, Threads::open([Kind::Tls, Kind::Wss]), $($abuse,)*);
        suite!(@ poll_unix_and_tls, GameLoop::open([Kind::Unix, Kind::Tls]), $($abuse,)*);
    };
    (@ all $($story:ident,)*) => {
        suite!(@ by_ticks, crate::tick::Ticks::open(), $($story,)*);
        suite!(@ memory_under_tokio, Background::open([Kind::Memory; DOORS]), $($story,)*);
        suite!(@ tokio_tcp, Background::open([Kind::Tcp; DOORS]), $($story,)*);
        suite!(@ tokio_unix, Background::open([Kind::Unix; DOORS]), $($story,)*);
        suite!(@ tokio_udp, Background::open([Kind::Udp; DOORS]), $($story,)*);
        suite!(@ tokio_tls, Background::open([Kind::Tls; DOORS]), $($story,)*);
        suite!(@ tokio_websocket, Background::open([Kind::Ws; DOORS]), $($story,)*);
        suite!(@ tokio_websocket_tls, Background::open([Kind::Wss; DOORS]), $($story,)*);
        suite!(@ tokio_mixed, Background::open([Kind::Memory, Kind::Tcp]), $($story,)*);
        suite!(@ tokio_mixed_udp, Background::open([Kind::Udp, Kind::Tcp]), $($story,)*);
        suite!(@ threads_tcp, Threads::open([Kind::Tcp; DOORS]), $($story,)*);
        suite!(@ threads_unix, Threads::open([Kind::Unix; DOORS]), $($story,)*);
        suite!(@ threads_websocket, Threads::open([Kind::Ws; DOORS]), $($story,)*);
        suite!(@ threads_udp, Threads::open([Kind::Udp; DOORS]), $($story,)*);
        suite!(@ tokio_under_a_tick, Background::open([Kind::Tcp; DOORS]).with_flush(a_tick()), $($story,)*);
        suite!(@ threads_under_a_tick, Threads::open([Kind::Tcp; DOORS]).with_flush(a_tick()), $($story,)*);
        suite!(@ threads_mixed, Threads::open([Kind::Memory, Kind::Tls]), $($story,)*);
        suite!(@ poll_tcp, GameLoop::open([Kind::Tcp; DOORS]), $($story,)*);
        suite!(@ poll_websocket, GameLoop::open([Kind::Ws; DOORS]), $($story,)*);
        suite!(@ poll_udp, GameLoop::open([Kind::Udp; DOORS]), $($story,)*);
        suite!(@ poll_mixed, GameLoop::open([Kind::Memory, Kind::Wss]), $($story,)*);
        suite!(@ two_edges_over_tcp, Background::open([Kind::Tcp; DOORS]).with_edges(2), $($story,)*);
        suite!(@ two_edges_over_udp, Background::open([Kind::Udp; DOORS]).with_edges(2), $($story,)*);
        suite!(@ two_edges_over_websocket_tls, Background::open([Kind::Wss; DOORS]).with_edges(2), $($story,)*);
        suite!(@ three_edges_mixed, Background::open([Kind::Memory, Kind::Unix]).with_edges(3), $($story,)*);
    };
    (@ $arena:ident, $open:expr, $($story:ident,)*) => {
        mod $arena {
            #[allow(unused_imports, reason = "each arena needs some of them")]
            use crate::{
                arena::DOORS, background::Background, doors::Kind, game_loop::GameLoop, threads::Threads, a_tick,
            };

            $(#[test] fn $story() { crate::stories::$story(&mut $open); })*
        }
    };
}

suite! {
    both_sides_learn_of_the_handshake,
    messages_go_both_ways,
    objects_go_both_ways,
    zones_show_by_themselves,
    large_messages_arrive_whole,
    many_messages_arrive_in_order,
    a_server_that_shuts_down_tells_its_clients,
    a_client_that_shuts_down_tells_its_server,
    a_node_may_shut_itself_down,
    a_reason_to_shut_down_reaches_everybody,
    a_server_is_a_client_of_another,
    who_comes_back_finds_the_world_as_it_is,
    two_hundred_come_at_once,
    every_door_of_a_server_is_open,
    ;
    a_reader_that_never_reads_goes_and_the_others_stay,
    an_end_without_a_word_is_noticed,
    those_who_come_and_say_nothing_keep_nobody_out,
    who_finds_no_place_is_told,
    tiny_frames_at_full_speed_end,
    giant_frames_at_full_speed_end,
    silence_has_its_time_where_the_operator_says_so,
    half_a_frame_has_its_time_however_it_dribbles,
    who_says_no_hello_goes_in_time,
    a_crowd_that_comes_and_goes_leaves_nothing,
}
