//! Networked objects and messages, typed and checked at compile time.
