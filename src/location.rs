//! Location strings, all of them.
