//! Holds nothing: this package exists for its dependencies and their lock file (`Cargo.toml`).
