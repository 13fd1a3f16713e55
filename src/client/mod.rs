//! Which server gets which command. This layer knows bytes and commands, never values.
