//! A server that answers what it is told to, whatever it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::stream::{Listener, Place, Stream};

/// What ends the handshake of a connection without password and DB.
const LAST_OF_HANDSHAKE: &[u8] = b"LIB-VER";

/// A running fake server. Each connection gets `OK` for the two commands of the plain handshake, then the
/// script for whatever comes next; then it stays open and silent.
pub struct FakeServer {
    place: Place,
    stopped: Arc<AtomicBool>,
}

impl FakeServer {
    pub fn answering(script: impl Into<Vec<u8>>) -> FakeServer {
        let listener = Listener::tcp();
        let place = listener.place();
        let stopped = Arc::new(AtomicBool::new(false));
        let (stop, script) = (stopped.clone(), Arc::new(script.into()));
        thread::spawn(move || {
            while let Ok(client) = listener.accept() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let script = script.clone();
                thread::spawn(move || serve(&client, &script));
            }
        });
        FakeServer { place, stopped }
    }

    /// Never answers anything after the handshake.
    pub fn silent() -> FakeServer {
        FakeServer::answering("")
    }

    pub fn port(&self) -> u16 {
        match self.place {
            Place::Port(port) => port,
            Place::Path(_) => unreachable!("it listens on a port"),
        }
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = self.place.connect();
    }
}

fn serve(client: &Stream, script: &[u8]) -> Option<()> {
    let mut request = Vec::new();
    while !request.windows(LAST_OF_HANDSHAKE.len()).any(|window| window == LAST_OF_HANDSHAKE) {
        request.extend(read(client)?);
    }
    client.write_all(b"+OK\r\n+OK\r\n").ok()?;
    read(client)?;
    client.write_all(script).ok()?;
    while read(client).is_some() {}
    Some(())
}

fn read(client: &Stream) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4096];
    let count = client.read(&mut bytes).ok().filter(|&count| count > 0)?;
    bytes.truncate(count);
    Some(bytes)
}
