//! One error type: a status that programs test, a sentence that people read, and whether trying again is safe.

use std::fmt;

/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $c_name:literal;)*) => {
        /// What a call ended with. The numbers are the C ABI's: fixed, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(i32)]
        pub enum Status { $($(#[$doc])* $name = $number),* }

        impl Status {
            /// Every status, in the order of its number.
            pub const ALL: &'static [Status] = &[$(Status::$name),*];

            /// The name of the C constant without `DJREDIS_`, NUL-terminated: `"ERR_TIMEOUT\0"`.
            pub(crate) const fn c_name(self) -> &'static str {
                match self { $(Status::$name => concat!($c_name, "\0")),* }
            }
        }
    };
}

statuses! {
    /// Done.
    Ok = 0, "OK";
    /// No such key; NX or XX not met; the end of a scan.
    Miss = 1, "MISS";
    /// The server is away and IGNORE_EXCEPTIONS is on.
    Ignored = 2, "IGNORED";
    /// A required pointer was NULL.
    Null = -1, "ERR_NULL";
    /// Bad length, key, flags or struct_size.
    Argument = -2, "ERR_ARGUMENT";
    /// Bad location, unknown option or bad option value.
    Config = -3, "ERR_CONFIG";
    /// A bug in this library.
    Panic = -4, "ERR_PANIC";
    /// Refused, reset or closed.
    Connection = -5, "ERR_CONNECTION";
    /// The deadline passed.
    Timeout = -6, "ERR_TIMEOUT";
    /// No free connection in time.
    Pool = -7, "ERR_POOL";
    /// NOAUTH, WRONGPASS, NOPERM.
    Auth = -8, "ERR_AUTH";
    /// Redis answered with an error.
    Server = -9, "ERR_SERVER";
    /// Bytes that are no reply; the connection was closed.
    Protocol = -10, "ERR_PROTOCOL";
    /// A value that can't be written.
    Encode = -11, "ERR_ENCODE";
    /// Stored bytes that can't be read.
    Decode = -12, "ERR_DECODE";
    /// incr or incr_version of a key that is not there.
    NotFound = -13, "ERR_NOT_FOUND";
    /// This client can't do that.
    Unsupported = -14, "ERR_UNSUPPORTED";
    /// The cache was closed.
    Closed = -15, "ERR_CLOSED";
    /// A connection or scan made before fork().
    Forked = -16, "ERR_FORKED";
    /// The host's parser failed.
    Callback = -17, "ERR_CALLBACK";
    /// WRONGTYPE, or not a number.
    Type = -18, "ERR_TYPE";
    /// LOADING, READONLY, MASTERDOWN, OOM, CLUSTERDOWN, MISCONF, BUSY.
    Unavailable = -19, "ERR_UNAVAILABLE";
    /// The host's interrupt check said stop.
    Interrupted = -20, "ERR_INTERRUPTED";
}

/// Whether a command that failed may have been executed by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Not about a command, or the server answered.
    Answered,
    /// Nothing was executed: safe to try again.
    No,
    /// May have been executed.
    Maybe,
}

/// What a node of a cluster says that did not execute a command, since it does not have the key's slot, or not now. Addresses
/// are as they were received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redirect {
    /// The slot has moved to this node.
    Moved(String),
    /// The slot is on the way to this node, and the key may be there.
    Ask(String),
    /// Some of the command's keys are on the way.
    TryAgain,
    /// The cluster, or its view of it, is not in order.
    Down,
}

/// `djredis_value.flags` of an ERROR: nothing was executed, it is safe to try again.
pub(crate) const NOT_SENT: u32 = 1;
/// The command may have been executed.
pub(crate) const MAYBE_SENT: u32 = 2;
/// Connection trouble: what IGNORE_EXCEPTIONS covers.
pub(crate) const AWAY: u32 = 4;

/// Why a call failed. One pointer wide, so that the good path stays cheap.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    status: Status,
    message: String,
    sent: Sent,
    away: bool,
    ignored: bool,
    unasked: bool,
    shared: bool,
    stored: Vec<u8>,
    redirect: Option<Redirect>,
}

impl Error {
    /// An error with a sentence that names the server, the key or the option, and the fix.
    pub fn new(status: Status, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            status,
            message: message.into(),
            sent: Sent::Answered,
            away: matches!(status, Status::Connection | Status::Timeout | Status::Pool | Status::Unavailable),
            ignored: false,
            unasked: false,
            shared: false,
            stored: Vec::new(),
            redirect: None,
        }))
    }

    pub(crate) fn config(message: impl Into<String>) -> Error {
        Error::new(Status::Config, message)
    }

    pub(crate) fn argument(message: impl Into<String>) -> Error {
        Error::new(Status::Argument, message)
    }

    pub(crate) fn decode(message: impl Into<String>) -> Error {
        Error::new(Status::Decode, message)
    }

    pub(crate) fn encode(message: impl Into<String>) -> Error {
        Error::new(Status::Encode, message)
    }

    /// The same for another key that shared its fate.
    pub(crate) fn copy(&self) -> Error {
        Error(self.0.clone())
    }

    /// Says whether the command may have reached the server.
    pub(crate) fn sent(mut self, sent: Sent) -> Error {
        self.0.sent = sent;
        self
    }

    /// Says that the server is there all the same: IGNORE_EXCEPTIONS must not hide it.
    pub(crate) fn not_away(mut self) -> Error {
        self.0.away = false;
        self
    }

    /// Says that the breaker kept the call from its server.
    pub(crate) fn unasked(mut self) -> Error {
        self.0.unasked = true;
        self.sent(Sent::No)
    }

    /// Says that another call had it first, and tells the breaker.
    pub(crate) fn shared(mut self) -> Error {
        self.0.shared = true;
        self
    }

    /// Marks it as covered by IGNORE_EXCEPTIONS.
    pub(crate) fn ignore(mut self) -> Error {
        self.0.ignored = true;
        self
    }

    /// Attaches the stored bytes that could not be decoded.
    pub(crate) fn with_stored(mut self, stored: &[u8]) -> Error {
        self.0.stored = stored.to_vec();
        self
    }

    /// Says where a node of a cluster refers to.
    pub(crate) fn redirecting(mut self, redirect: Option<Redirect>) -> Error {
        self.0.redirect = redirect;
        self
    }

    /// Where a node of a cluster refers to.
    pub(crate) fn redirect(&self) -> Option<&Redirect> {
        self.0.redirect.as_ref()
    }

    /// Puts words before the message: what was being done.
    pub(crate) fn context(mut self, prefix: impl fmt::Display) -> Error {
        self.0.message = format!("{prefix}: {}", self.0.message);
        self
    }

    /// What kind of error it is.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// The sentence. It never holds a password.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the server may have executed the command.
    pub fn was_sent(&self) -> Sent {
        self.0.sent
    }

    /// Connection trouble: what IGNORE_EXCEPTIONS covers.
    pub fn is_away(&self) -> bool {
        self.0.away
    }

    /// IGNORE_EXCEPTIONS is on and covers this error: answer as if the key were missing.
    pub fn is_ignored(&self) -> bool {
        self.0.ignored
    }

    /// Whether the breaker kept the call from its server.
    pub(crate) fn is_unasked(&self) -> bool {
        self.0.unasked
    }

    /// Whether another call had it first.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.shared
    }

    /// Whether the call did not get to its server, or lost it: another one may have taken over.
    pub(crate) fn lost_server(&self) -> bool {
        self.0.unasked || matches!(self.0.status, Status::Connection | Status::Timeout)
    }

    /// What a `DJREDIS_ERROR` says in its flags.
    pub(crate) fn flags(&self) -> u32 {
        let sent = match self.0.sent {
            Sent::Answered => 0,
            Sent::No => NOT_SENT,
            Sent::Maybe => MAYBE_SENT,
        };
        if self.0.away { sent | AWAY } else { sent }
    }

    /// For [`Status::Decode`]: the bytes that stand in Redis.
    pub fn stored(&self) -> &[u8] {
        &self.0.stored
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.status, self.0.message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
