//! The format `github`.
