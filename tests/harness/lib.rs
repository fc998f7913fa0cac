//! Test support: nodes in a simulated network, clocks and recorded events.

pub mod fuzz;
