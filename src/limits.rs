//! Every bound in one place. Hostile input meets these numbers; docs/values.md and docs/wire.md name them.

use std::time::Duration;

/// The largest value Redis takes: 512 MiB (its proto-max-bulk-len).
pub(crate) const MAX_VALUE: usize = 512 << 20;
/// The longest reply that is read: a bulk of this size at most.
pub(crate) const MAX_BULK: usize = 1 << 30;
/// Text and bytes that are longer are decoded in the memory that they came in.
pub(crate) const DECODE_IN_PLACE: usize = 4 << 10;
/// The most elements one aggregate reply may announce.
pub(crate) const MAX_ELEMENTS: usize = 64 << 20;
/// How deep replies may nest.
pub(crate) const MAX_REPLY_DEPTH: usize = 128;
/// The longest status, error or number line of a reply.
pub(crate) const MAX_LINE: usize = 64 << 10;
/// How deep a value may nest to cross as MessagePack; deeper ones cross as OPAQUE.
pub(crate) const MAX_VALUE_DEPTH: usize = 512;
/// The most nodes (values inside a value) that are decoded.
pub(crate) const MAX_NODES: usize = 16 << 20;
/// The bytes that writing out shared objects may make: this much, and so many times the payload.
pub(crate) const MAX_EXPANSION: usize = 16 << 20;
/// See [`MAX_EXPANSION`].
pub(crate) const MAX_EXPANSION_FACTOR: usize = 32;
/// The longest integer, in decimal digits, that is converted.
pub(crate) const MAX_INT_DIGITS: usize = 100_000;
/// Stored pickles from this size on are read into tables that are kept for the next one.
pub(crate) const MIN_SPARE: usize = 64 << 10;
/// The most memory that such tables, one set in a process, may keep.
pub(crate) const MAX_SPARE: usize = 4 << 20;
/// What converting the wide integers of one value may cost, in digits squared: one of the longest.
pub(crate) const MAX_INT_WORK: u64 = (MAX_INT_DIGITS as u64).pow(2);
/// The memory that decompressing one .xz value may take: what Python's highest preset needs is half of it.
pub(crate) const LZMA_MEMORY: u64 = 128 << 20;
/// The most joined keys or values of one call: 4 GiB, since lengths are 32 bits.
pub(crate) const MAX_JOINED: usize = u32::MAX as usize;
/// Arguments from this size on are written from where they stand, not copied.
pub(crate) const WRITE_IN_PLACE: usize = 16 << 10;
/// How often a walk over the keys begins anew since the server that it was at is away.
pub(crate) const WALK_TRIES: u32 = 3;
/// The first and the longest pause before a replica that failed is asked again.
pub(crate) const REPLICA_PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];
/// A replica that does not answer for less than this has not failed: the call was in a hurry.
pub(crate) const REPLICA_PATIENCE: Duration = Duration::from_millis(100);
/// How long one sentinel may take to answer while there are others to ask.
pub(crate) const SENTINEL_PATIENCE: Duration = Duration::from_secs(1);
/// How long what the sentinels said is not asked again, whatever happens.
pub(crate) const SENTINEL_PAUSE: Duration = Duration::from_millis(50);
/// How often they are asked which replicas there are, where those are read from.
pub(crate) const SENTINEL_REFRESH: Duration = Duration::from_secs(60);
/// How long READ_YOUR_WRITES reads a key from the primary after writing it.
pub(crate) const RECENT: Duration = Duration::from_secs(10);
/// Keys are told apart by so many bits of a hash: 4096 moments of 8 bytes.
pub(crate) const RECENT_SLOTS: usize = 4096;
/// Keys deleted by one UNLINK of delete_pattern.
pub(crate) const DELETE_BATCH: usize = 1000;
/// Compare-and-set attempts of incr on a value that INCRBY can't handle.
pub(crate) const INCR_TRIES: u32 = 3;
/// Compare-and-set attempts of touch on a value of a herd.
pub(crate) const RENEW_TRIES: u32 = 3;
/// How often a move that copies the value is tried while others change it.
pub(crate) const MOVE_TRIES: u32 = 3;
/// The shortest key of SIGNING_KEYS, in bytes: what SHA-256 has, and 128 bits where it is written in hex.
pub(crate) const SIGNING_KEY_MIN: usize = 32;
/// How long a breaker stays open at first.
pub(crate) const BREAKER_FIRST_WAIT: Duration = Duration::from_millis(100);
/// A call that was over in less by its own deadline says nothing about the server.
pub(crate) const BREAKER_PATIENCE: Duration = Duration::from_millis(100);
/// The longest key: 512 MiB, as for a value.
pub(crate) const MAX_KEY: usize = MAX_VALUE;
/// The longest time that an option or a call may give, in milliseconds: what Redis can still add to the clock.
pub(crate) const MAX_TIME_MS: i64 = 1 << 62;
/// The most characters of a user's location, option name or value that a message repeats.
pub(crate) const MAX_SHOWN: usize = 200;
/// Bulks of a reply up to this size are handed out from the read buffer; larger ones are read into a Vec of their own.
pub(crate) const READ_IN_PLACE: usize = 16 << 10;
/// The read buffer of a connection.
pub(crate) const READ_BUFFER: usize = 32 << 10;
/// The most that is reserved on the word of a length prefix alone; more follows as bytes arrive.
pub(crate) const FIRST_RESERVE: usize = 4 << 20;
/// The elements that are reserved on the word of an aggregate's header alone.
pub(crate) const FIRST_ELEMENTS: usize = 64;
/// The write buffer that a connection keeps between calls.
pub(crate) const KEEP_BUFFER: usize = 64 << 10;
/// The longest packed commands of one call that ride with others' when all connections are in use.
pub(crate) const MAX_RIDE: usize = 16 << 10;
/// The most calls that ride with one other, and the longest request of all of them: what a server reads at once.
pub(crate) const MAX_RIDERS: usize = 64;
/// See [`MAX_RIDERS`].
pub(crate) const MAX_ROUND: usize = 16 << 10;
/// The most keys of one call that rides.
pub(crate) const MAX_RIDE_KEYS: usize = 16;
/// How much of a server's error text goes into a message, in characters.
pub(crate) const MAX_ERROR_TEXT: usize = 500;
/// The most host names that are looked up at the same time, each in a thread.
pub(crate) const RESOLVERS: usize = 4;
/// Socket timeouts fire a timer tick or two late, so a wait shorter than this is left to poll.
pub(crate) const SHORT_WAIT: Duration = Duration::from_millis(20);
/// The socket's own receive timeout: a reply that takes longer is waited for by poll, which is exact.
pub(crate) const RECEIVE_SLICE: Duration = Duration::from_millis(10);
/// How long after its deadline a call on several servers reads what has come from them, where one of them used up the time.
pub(crate) const LATE_READ: Duration = Duration::from_millis(20);
/// How often a wait that no signal ends asks the host's interrupt check.
pub(crate) const ASK_HOST: Duration = Duration::from_millis(50);
/// What an entry of a near cache takes beside its key and value.
pub(crate) const NEAR_OVERHEAD: usize = 160;
/// A near cache has this many parts with a lock each, if each is at least [`NEAR_SHARD`] large.
pub(crate) const NEAR_SHARDS: usize = 32;
/// How many locks the keys of a near cache share.
pub(crate) const NEAR_STRIPES: usize = 1024;
/// The smallest part of a near cache, unless it has but one; larger values are not kept.
pub(crate) const NEAR_SHARD: usize = 256 << 10;
/// The usual size of an entry, for the memory that a near cache spends on what it has dropped.
pub(crate) const NEAR_USUAL: usize = 1 << 10;
/// The most stored bytes that a host which holds its lock is given from a near cache at once.
pub(crate) const NEAR_AT_HAND: usize = 64 << 10;
/// The most keys of such a call.
pub(crate) const NEAR_AT_HAND_KEYS: usize = 256;
/// How often the server of a near cache is asked for a sign of life.
pub(crate) const NEAR_PING: Duration = Duration::from_secs(5);
/// How long it may take to answer. Nothing is read from a near cache without an answer to a question of the last
/// `NEAR_PING + NEAR_ANSWER`.
pub(crate) const NEAR_ANSWER: Duration = Duration::from_secs(5);
/// The most that the kernel's coarse clock, which ticks every few milliseconds, is taken to lag behind the exact one.
pub(crate) const NEAR_LAG: Duration = Duration::from_secs(1);
/// The first and the longest pause before a near cache tries to connect again.
pub(crate) const NEAR_PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(2)];
/// The map of a cluster is renewed once in this time at most, however much fails.
pub(crate) const CLUSTER_RENEWAL: Duration = Duration::from_millis(200);
/// How often the nodes of a cluster may refer a call from one to another.
pub(crate) const CLUSTER_HOPS: u32 = 16;
/// How long a call waits, try after try, where a cluster says that it should try again.
pub(crate) const CLUSTER_PAUSES: [Duration; 6] = [
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(20),
    Duration::from_millis(40),
    Duration::from_millis(80),
    Duration::from_millis(100),
];
/// A TCP connection is probed after this many idle seconds, then this often, and given up after so many probes.
pub(crate) const KEEPALIVE: KeepAlive = KeepAlive { idle: 60, interval: 15, probes: 3 };

/// TCP keepalive: seconds, seconds, a count.
pub(crate) struct KeepAlive {
    pub(crate) idle: i32,
    pub(crate) interval: i32,
    pub(crate) probes: i32,
}
