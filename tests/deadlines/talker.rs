//! A server that answers as the test says.

use std::thread;

use crate::support::stream::{Listener, Place, Stream};

/// Starts a server for as long as the program runs; its port. `answer` gets what was read together and the port. Logins
/// are answered.
pub(crate) fn talker(answer: impl Fn(&str, u16) -> String + Clone + Send + 'static) -> u16 {
    let listener = Listener::tcp();
    let Place::Port(port) = listener.place() else { unreachable!("it listens on a port") };
    thread::spawn(move || {
        while let Ok(client) = listener.accept() {
            let answer = answer.clone();
            thread::spawn(move || converse(&client, port, &answer));
        }
    });
    port
}

fn converse(client: &Stream, port: u16, answer: &dyn Fn(&str, u16) -> String) -> Option<()> {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let count = client.read(&mut bytes).ok().filter(|&count| count > 0)?;
        let request = String::from_utf8_lossy(&bytes[..count]);
        let logins = request.matches("SETINFO").count();
        let said = if logins > 0 { "+OK\r\n".repeat(logins) } else { answer(&request, port) };
        client.write_all(said.as_bytes()).ok()?;
    }
}
