//! What a PATCH does (RFC 7644 s3.5.2), as each client sends it: a document before, the operations, and the
//! whole document after, or the whole refusal. All of it goes through the public API, as a request does.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod clearing;
mod elements;
mod entra;
mod extensions;
mod manager;
mod members;
mod names;
mod primary;
mod refusals;
mod rfc;
mod strict;
mod support;
mod undeclared;
mod value_paths;
