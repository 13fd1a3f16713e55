//! TCP and unix sockets behind one type.
#![allow(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

/// Where something listens: a port of 127.0.0.1 or the path of a unix socket.
#[derive(Clone, Debug)]
pub enum Place {
    Port(u16),
    Path(PathBuf),
}

impl Place {
    pub fn connect(&self) -> io::Result<Stream> {
        match self {
            Place::Port(port) => TcpStream::connect(("127.0.0.1", *port)).and_then(Stream::tcp),
            Place::Path(path) => UnixStream::connect(path).map(Stream::Unix),
        }
    }
}

/// A connected socket. Reading and writing take `&self`, so that two threads can share it.
#[derive(Debug)]
pub enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    fn tcp(stream: TcpStream) -> io::Result<Stream> {
        stream.set_nodelay(true)?;
        Ok(Stream::Tcp(stream))
    }

    pub fn read(&self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => (&*stream).read(bytes),
            Stream::Unix(stream) => (&*stream).read(bytes),
        }
    }

    pub fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => (&*stream).write_all(bytes),
            Stream::Unix(stream) => (&*stream).write_all(bytes),
        }
    }

    pub fn shutdown(&self, how: Shutdown) {
        let _ = match self {
            Stream::Tcp(stream) => stream.shutdown(how),
            Stream::Unix(stream) => stream.shutdown(how),
        };
    }

    /// Makes the close of a TCP connection a reset.
    pub fn reset_on_close(&self) {
        if let Stream::Tcp(stream) = self {
            let linger = libc::linger { l_onoff: 1, l_linger: 0 };
            let size = size_of::<libc::linger>() as libc::socklen_t;
            let pointer = (&raw const linger).cast();
            // SAFETY: the pointer and the size are those of a live linger.
            let set = unsafe {
                libc::setsockopt(stream.as_raw_fd(), libc::SOL_SOCKET, libc::SO_LINGER, pointer, size)
            };
            assert_eq!(set, 0, "SO_LINGER");
        }
    }
}

/// A listening socket, on a free port or in a folder of its own.
#[derive(Debug)]
pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Listener {
    pub fn tcp() -> Listener {
        Listener::Tcp(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    pub fn unix(path: PathBuf) -> Listener {
        Listener::Unix(UnixListener::bind(&path).expect("a new unix socket"), path)
    }

    pub fn accept(&self) -> io::Result<Stream> {
        match self {
            Listener::Tcp(listener) => listener.accept().and_then(|(stream, _)| Stream::tcp(stream)),
            Listener::Unix(listener, _) => listener.accept().map(|(stream, _)| Stream::Unix(stream)),
        }
    }

    pub fn place(&self) -> Place {
        match self {
            Listener::Tcp(listener) => Place::Port(listener.local_addr().expect("its address").port()),
            Listener::Unix(_, path) => Place::Path(path.clone()),
        }
    }

    /// How many connections may wait to be accepted; one more than `count`, on Linux.
    pub fn set_backlog(&self, count: i32) {
        let fd = match self {
            Listener::Tcp(listener) => listener.as_raw_fd(),
            Listener::Unix(listener, _) => listener.as_raw_fd(),
        };
        // SAFETY: no pointers.
        assert_eq!(unsafe { libc::listen(fd, count) }, 0, "listen");
    }
}
