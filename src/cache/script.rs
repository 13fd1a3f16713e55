//! Running a script on one key.

use super::core::Core;
use crate::client::Route;
use crate::error::Result;
use crate::net::Deadline;
use crate::pool::Intent;
use crate::resp::Request;
use crate::script::Script;

impl Core {
    /// Runs a script on one key by its SHA-1, and by its text where the server does not know it yet. The answer is an
    /// integer or nil.
    pub(crate) fn script(
        &self,
        script: &Script,
        key: &[u8],
        args: &[&[u8]],
        deadline: Deadline,
    ) -> Result<Option<i64>> {
        match self.run_script([b"EVALSHA", script.sha.as_bytes()], key, args, deadline) {
            Err(error) if error.message().contains("NOSCRIPT") => {
                self.run_script([b"EVAL", script.text.as_bytes()], key, args, deadline)
            }
            other => other,
        }
    }

    fn run_script(
        &self,
        start: [&[u8]; 2],
        key: &[u8],
        args: &[&[u8]],
        deadline: Deadline,
    ) -> Result<Option<i64>> {
        let mut answer = None;
        self.exchange(
            Route::Key(key),
            Intent::Write,
            deadline,
            |request: &mut Request<'_>| {
                request.command(4 + args.len()).arg(start[0]).arg(start[1]).arg(b"1").arg(key);
                for arg in args {
                    request.arg(arg);
                }
            },
            |replies| {
                answer = replies.integer_or_nil()?;
                Ok(())
            },
        )?;
        Ok(answer)
    }
}
