//! History stores.
