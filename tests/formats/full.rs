//! The format `full`.
