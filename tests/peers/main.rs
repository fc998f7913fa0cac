//! Real peers: nodes of ours with nodes of the Python library, of both versions, as server and as client.
//!
//! `tests/run` makes the Python environments and names them in `MAGICNET_PYTHON_003` and `MAGICNET_PYTHON_007`. When
//! all has been tried, the run prints what was spoken with whom.

mod matrix;
mod nodes;
mod python;

/// A module for each scenario, with a function for each direction; and a test for each direction and version.
macro_rules! scenarios {
    ($($name:ident)*) => {
        $(mod $name;)*

        /// The rows of the matrix.
        const SCENARIOS: &[&str] = &[$(stringify!($name)),*];

        mod with {
            use crate::matrix::{Direction, cell};
            use crate::python::Version;

            $(mod $name {
                use super::{Direction, Version, cell};

                #[test]
                #[ignore = "needs tests/run"]
                fn rust_server_and_python_0_0_3() {
                    cell(stringify!($name), Direction::RustServer, Version::V003, crate::$name::rust_server);
                }

                #[test]
                #[ignore = "needs tests/run"]
                fn rust_server_and_python_0_0_7() {
                    cell(stringify!($name), Direction::RustServer, Version::V007, crate::$name::rust_server);
                }

                #[test]
                #[ignore = "needs tests/run"]
                fn python_0_0_3_server_and_rust() {
                    cell(stringify!($name), Direction::PythonServer, Version::V003, crate::$name::python_server);
                }

                #[test]
                #[ignore = "needs tests/run"]
                fn python_0_0_7_server_and_rust() {
                    cell(stringify!($name), Direction::PythonServer, Version::V007, crate::$name::python_server);
                }
            })*
        }
    };
}

scenarios! {
    chat
    bridge
    number
    zones
    ownership
    symmetric
    defaults
    structs
    types
    endings
    manifest
    imported
    kept
    middleware
    panda
}
