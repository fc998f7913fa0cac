//! Hostile peers: every hole and fault that PROTOCOL lists of the Python library, tried on ours through a socket.
//!
//! Each test ends with a bystander: a handshaken peer that receives an update after the attack, and nothing that the
//! attacker meant for it. Where the attacker is a server, the bystander is an honest server of the same client.
//!
//! | PROTOCOL, "Holes and faults" | here |
//! |---|---|
//! | 1. A malformed datagram mutes the whole server, even before HELLO | [`malformed`]: `malformed_datagrams_before_hello_end_their_connection_alone`, `malformed_datagrams_after_hello_end_their_connection_alone`, `parameters_of_the_wrong_kind_harm_nobody`, `what_is_good_before_bad_bytes_counts`, `empty_frames_are_ignored`; [`server`]: `malformed_datagrams_end_the_connection_to_the_server_that_sends_them` |
//! | 2. `rp` can be rewritten | [`permission`]: `a_client_cannot_rewrite_its_repository`, `a_client_cannot_rewrite_its_fingerprint_after_the_handshake` |
//! | 3. DESTROY and GENERATE from a client are obeyed | [`permission`]: `messages_of_the_servers_end_the_client_that_sends_them`, `a_custom_message_of_the_servers_is_refused_from_a_client`; [`server`]: `messages_of_clients_end_the_server_that_sends_them` |
//! | 4. Fields are stored before they are checked | [`permission`]: `what_was_denied_does_not_reach_late_joiners`, `what_a_creation_may_not_carry_is_dropped`, `calls_are_not_replayed_to_late_joiners` |
//! | 5. Answers above 65,535 bytes | [`large`]: `two_thousand_objects_arrive_split_and_whole`, `objects_of_60_kilobytes_arrive_split_and_whole` |
//! | 6. Nothing is validated; field index -1 | [`permission`]: `field_minus_one_is_no_field`; [`malformed`]: `parameters_of_the_wrong_kind_harm_nobody`; [`server`]: `a_field_index_of_minus_one_ends_the_connection` |
//! | 7. Equal small values are taken for a recursion | [`permission`]: `equal_small_numbers_are_no_recursion` |
//! | 8. Messages after a DISCONNECT; a HELLO there | [`handshake`]: `nothing_after_a_disconnect_is_executed`, `nothing_after_a_shutdown_is_executed`, `nothing_after_our_own_disconnect_is_executed`, `a_hello_after_a_disconnect_leaves_no_zombie` |
//! | 9. Broadcasts reach those who never said HELLO | [`handshake`]: `broadcasts_do_not_reach_those_who_never_said_hello` |
//! | 10. Memory: parameters before HELLO; readers that never read | [`handshake`]: `parameters_before_hello_are_bounded_in_number`, `parameters_before_hello_are_bounded_in_size`; [`flood`]: `a_million_broadcasts_to_a_peer_that_never_reads` |
//! | 11. Objects whose owner left; a local id used twice | [`permission`]: `objects_go_with_their_owner`, `a_local_id_counts_once` |
//! | 12. No timeouts | [`handshake`]: `a_handshake_has_its_time`, `half_a_frame_has_its_time`; [`server`]: `a_server_that_never_greets_is_given_up`, `a_server_that_gives_no_repository_is_given_up`, `half_a_frame_of_a_servers_has_its_time` |
//! | 13. A datagram of many empty lists costs seconds | [`malformed`]: `a_datagram_of_65535_empty_lists_ends_at_the_first`, `a_datagram_of_thousands_of_unknown_messages_is_read_and_forgotten` |
//!
//! What nobody may do by DESIGN's checks (creating in another's name, deleting what is another's, zones that are not
//! open) is in [`permission`] too; handlers that panic are in [`panics`]. What can be done to a transport is in [`web`]
//! (WebSocket) and [`secure`] (TLS).

mod contracts;
mod flood;
mod handshake;
mod large;
mod malformed;
mod panics;
mod permission;
mod secure;
mod server;
mod stage;
mod web;
