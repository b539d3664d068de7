//! The server as a library: what the binary and its tests share.

pub mod seed;
