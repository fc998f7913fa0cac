//! Structs as arguments: arrays on the wire, whose missing trailing members take their default.

use crate::nodes::Point;
use crate::python::Version;
use crate::types::{Echo, calls_of_python, calls_of_rust};

const CALLS: &[Echo] = &[
    ("point", "[[1, 2, 3]]", "[[1, 2, 3]]"),
    ("point", "[[1]]", "[[1, 7, 9]]"),
    ("point", "[[1, -2147483648]]", "[[1, -2147483648, 9]]"),
    ("points", "[[]]", "[[]]"),
    ("points", "[[[1, 2, 3], [4], [5, 6]]]", "[[[1, 2, 3], [4, 7, 9], [5, 6, 9]]]"),
];

/// What Python does not let itself be told to send: no members, one too many, and one of the wrong type.
const REFUSED: &[Echo] = &[
    ("point", "[[]]", ""),
    ("point", "[[1, 2, 3, 4]]", ""),
    ("point", r#"[["1"]]"#, ""),
    ("point", "[7]", ""),
];

pub(crate) fn rust_server(version: Version) {
    calls_of_python(version, &[CALLS, REFUSED].concat());
}

pub(crate) fn python_server(version: Version) {
    let point = |x, y, z| Point { x, y, z };
    calls_of_rust(
        version,
        &[],
        move |n, object| {
            let server = n.object(object);
            let server = server.server();
            server.set_point(point(1, 2, 3));
            server.set_points([].into());
            server.set_points([point(1, 2, 3), point(4, 5, 6)].into());
        },
        &["echo_point([1,2,3])", "echo_points([])", "echo_points([[1,2,3],[4,5,6]])"],
    );
}
