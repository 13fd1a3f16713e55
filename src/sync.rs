//! What threads share their state by. The models of tests/loom compile the files that use it with loom's own types in its place.

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};
