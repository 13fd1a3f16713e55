//! What a forked child must know.
