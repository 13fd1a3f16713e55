//! RESP2 and RESP3: a writer of requests and a reader of replies, without I/O of their own.
