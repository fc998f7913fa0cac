//! Stories to come.
