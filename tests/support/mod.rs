#![allow(dead_code, reason = "every test program uses its own part")]

pub mod server;

pub use server::Server;
