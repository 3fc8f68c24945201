//! Filters (RFC 7644 s3.4.2.2) as SQL.

mod groups;
mod limits;
mod memberships;
mod operators;
mod property;
mod random;
mod root;
mod undeclared;
