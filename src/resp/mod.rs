//! RESP2 and RESP3: a writer of requests and a reader of replies, without I/O of their own.
//!
//! [`Request`] packs commands; [`Replies`] reads typed replies out of a [`Buffer`], asking a [`Source`] for
//! more bytes only when it needs them. Nothing here recurses over data or trusts a length before its bytes came.

mod buffer;
mod complete;
mod frames;
mod head;
mod notice;
mod packed;
mod parsed;
mod replies;
mod request;
mod server_error;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use buffer::{Buffer, Ended, Source};
pub(crate) use complete::{Extent, Reached, begins_with_reply};
pub(crate) use notice::Notice;
pub(crate) use packed::commands;
pub(crate) use parsed::{MakeParser, Parser, ParserClass, Parsing};
pub(crate) use replies::{Bulk, Replies};
pub(crate) use request::{Request, pack_argument};
pub(crate) use server_error::{error_text, server_error, server_error_of};
