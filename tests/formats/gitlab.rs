//! The format `gitlab`.
