//! The C ABI and nothing but.
