//! The format `markdown`.
