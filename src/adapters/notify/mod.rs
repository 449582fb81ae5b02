//! Channels over which alerts go out.

pub mod console;
