//! The format `junit`.
