//! Replies: a server that answers anything at all gets an answer or an error out of the client, soon.
#![no_main]

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixListener;
use std::sync::{LazyLock, Mutex};
use std::thread;

use djredis::{Cache, Call, Options};
use libfuzzer_sys::fuzz_target;

static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static CACHES: LazyLock<[Cache; 2]> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("djredis-fuzz-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).expect("a socket");
    thread::spawn(move || serve(&listener));
    ["resp2", "resp3"].map(|protocol| {
        let mut options = Options::new();
        options.set("PROTOCOL", protocol).expect("a protocol");
        Cache::open(&format!("unix:{}:0", path.display()), &options).expect("a right location")
    })
});

/// Gives each connection the answer of the day, and the end.
fn serve(listener: &UnixListener) {
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let answer = ANSWER.lock().expect("no panic").clone();
        let _ = stream.write_all(&answer);
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

fuzz_target!(|answer: &[u8]| {
    let caches = &*CACHES;
    ANSWER.lock().expect("no panic").splice(.., answer.iter().copied());
    let call = Call::default();
    for cache in caches {
        let _ = cache.get(b"k", &call);
        let _ = cache.get_many(&[b"a", b"b"], &call);
        let _ = cache.keys(b"*", &call);
        let _ = cache.incr(b"k", 1, &call);
    }
});
