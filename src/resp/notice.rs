//! What a server says on a connection that tracks keys: which of them were written.

use super::head::{Aggregate, Head};
use super::replies::Replies;
use super::server_error::server_error;
use crate::error::Result;

/// One message on a connection that tracks keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The status that answers a command.
    Answer,
    /// A push; the keys that it named were handed out.
    Push,
}

impl Replies<'_> {
    /// The next message. `changed` gets each key that was written, deleted or expired, or `None` for all of them: the
    /// database was emptied. The keys are read one by one, however many there are.
    pub(crate) fn notice(&mut self, changed: &mut dyn FnMut(Option<&[u8]>)) -> Result<Notice> {
        let (head, text) = self.frames.any_frame()?;
        match head {
            Head::Status => Ok(Notice::Answer),
            Head::Error => Err(server_error(self.frames.server(), self.frames.text(text))),
            Head::Aggregate(Aggregate::Push, parts) => {
                self.push(parts, changed)?;
                Ok(Notice::Push)
            }
            head => Err(self.unexpected(head, "an invalidation")),
        }
    }

    fn push(&mut self, parts: usize, changed: &mut dyn FnMut(Option<&[u8]>)) -> Result<()> {
        let is_invalidation = self.bulk()?.as_deref() == Some(b"invalidate");
        if !is_invalidation || parts != 2 {
            return (1..parts).try_for_each(|_| self.value_or_error().map(drop));
        }
        match self.array()? {
            None => changed(None),
            Some(keys) => {
                for _ in 0..keys {
                    if let Some(key) = self.bulk()? {
                        changed(Some(&key));
                    }
                }
            }
        }
        Ok(())
    }
}
