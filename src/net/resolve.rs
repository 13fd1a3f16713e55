//! Host names to addresses. The system's resolver can't be told to stop, so it works on a thread of its own
//! and callers leave at their deadline. There is one such thread per process, begun with the first host name.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;

use super::Deadline;
use super::patience::Patience;
use super::sys;
use crate::error::{Error, Result, Status};
use crate::fork::PerProcess;
use crate::limits::{ASK_HOST, RESOLVE_QUEUE};

static RESOLVER: PerProcess<SyncSender<Question>> = PerProcess::new();

struct Question {
    host: String,
    port: u16,
    deadline: Deadline,
    answer: mpsc::Sender<io::Result<Vec<SocketAddr>>>,
}

/// The addresses of a host; an IP address is taken as it is.
pub(super) fn resolve(host: &str, port: u16, patience: &Patience<'_>) -> Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (answer, answers) = mpsc::channel();
    let question = Question { host: host.to_owned(), port, deadline: patience.deadline, answer };
    let resolver = RESOLVER.get_or_make(start).map_err(|error| failed(host, &error))?;
    resolver.try_send(question).map_err(|_| failed(host, &io::Error::other("too many names are waiting")))?;
    match wait(&answers, patience)? {
        Ok(addresses) if addresses.is_empty() => Err(failed(host, &io::Error::other("it has no address"))),
        Ok(addresses) => Ok(addresses),
        Err(error) => Err(failed(host, &error)),
    }
}

fn start() -> io::Result<SyncSender<Question>> {
    let (questions, asked) = mpsc::sync_channel(RESOLVE_QUEUE);
    let builder = thread::Builder::new().name("djredis-resolver".to_owned());
    sys::with_signals_blocked(|| builder.spawn(move || answer_all(&asked)))?;
    Ok(questions)
}

fn answer_all(questions: &Receiver<Question>) {
    for question in questions {
        // Who asked has left: a resolver that hung must not make the next ones wait for answers nobody reads.
        if !question.deadline.passed() {
            let addresses = (question.host.as_str(), question.port).to_socket_addrs().map(Iterator::collect);
            let _ = question.answer.send(addresses);
        }
    }
}

type Answer = io::Result<Vec<SocketAddr>>;

fn wait(answers: &Receiver<Answer>, patience: &Patience<'_>) -> Result<Answer> {
    loop {
        let left = patience.deadline.left().unwrap_or(ASK_HOST);
        match answers.recv_timeout(left.min(ASK_HOST)) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Timeout) if !patience.deadline.passed() => patience.go_on()?,
            Err(_) => return Err(patience.timed_out().context("its name was not resolved in time")),
        }
    }
}

fn failed(host: &str, error: &io::Error) -> Error {
    Error::new(
        Status::Connection,
        format!("the host name {host} could not be resolved: {error}. Check it in the location."),
    )
}
