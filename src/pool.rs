//! Lazy slots over r2d2, one pool per process and endpoint.
