//! The Python library's own tests, behaviour by behaviour, with our story beside each.
//!
//! The tests are those in `tests/` of the repository Wizzerinus/magicnet as of its version 0.0.7. A story that lies
//! elsewhere is told there; the others are in [`data`], [`objects`] and [`security`]. `tests/tidy` looks whether every
//! story that is named here exists.
//!
//! | the library's test | ours |
//! |---|---|
//! | `test_typehint_marshal.py`: `test_equal_types` | `shapes_become_hints_that_python_can_load`, `python_0_0_3_loads_our_manifests`, `python_0_0_7_loads_our_manifests` |
//! | `test_typehint_marshal.py`: `test_annotated` | `a_call_takes_what_its_signature_says_and_names_what_it_does_not`, `a_manifest_says_what_is_kept` |
//! | `test_validation.py`: `test_validation_base` | `numbers_texts_and_bytes_keep_to_their_bounds` |
//! | `test_validation.py`: `test_validation_hashable` | `a_value_of_any_type_is_a_tree_of_what_the_wire_has` |
//! | `test_validation.py`: `test_validation_union` | `a_union_is_an_enum_between_peers_of_ours_and_a_value_with_a_rule_for_python` |
//! | `test_validation.py`: `test_validation_tuple` | `tuples_have_their_length_and_lists_have_any` |
//! | `test_validation.py`: `test_validation_dataclass` | `a_struct_is_filled_from_its_defaults_and_takes_nothing_else` |
//! | `test_validation.py`: `test_recursive_conversion` | `structs_are_found_inside_of_everything` |
//! | `test_basics.py`: `test_basics` | `an_object_begins_and_ends_for_both_sides` |
//! | `test_basics.py`: `test_asymmetric` | `an_object_begins_and_ends_for_both_sides` |
//! | `test_net_fields.py`: `test_network_calls` | `a_call_of_the_servers_has_defaults_and_is_checked` |
//! | `test_net_fields.py`: `test_dataclasses_arguments` | `a_call_takes_a_struct_and_any_number_behind_it` |
//! | `test_net_fields.py`: `test_field_visibility` | `who_comes_late_gets_what_is_kept_and_not_what_was_said`, `kept_calls_of_either_role_are_replayed_in_the_order_in_which_they_were_first_made` |
//! | `test_net_fields.py`: `test_message_receiver` | `an_answer_goes_to_who_asked` |
//! | `test_net_fields.py`: `test_message_auth` | `who_is_no_admin_changes_what_is_public_alone`, `messages_ask_too_before_they_are_decoded` |
//! | `test_zones.py`: `test_object_zones` | `who_looks_elsewhere_sees_what_is_there_and_hears_no_more_of_the_rest` |
//! | `test_invalid_handshake.py`: `test_unauthenticated_messages` | `who_asks_before_its_hello_is_told_so_and_let_go` |
//! | `test_invalid_handshake.py`: `test_bad_hello` | `another_version_is_told_so_and_let_go` |
//! | `test_invalid_handshake.py`: `test_no_motd` | `a_motd_from_a_client_is_passed_over_with_a_warning` |

mod data;
mod objects;
mod security;
