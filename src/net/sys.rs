//! The system calls on sockets, each in a function that is safe to call with any descriptor.
#![allow(unsafe_code)]

use std::io::{self, IoSlice};
use std::mem::{self, MaybeUninit};
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::time::Duration;

use libc::{c_int, c_void, socklen_t};

/// The most slices that one sendmsg takes.
const MAX_SLICES: usize = 1024;

/// What to wait for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Readiness {
    Readable,
    Writable,
}

/// Whether a call waits for bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waiting {
    /// As long as the socket's own timeout says.
    ForTimeout,
    Never,
}

/// A new stream socket that is closed on exec.
pub(super) fn socket(domain: c_int) -> io::Result<RawFd> {
    // SAFETY: no pointers.
    check(unsafe { libc::socket(domain, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) })
}

/// Whether calls on the socket wait.
pub(super) fn set_blocking(fd: RawFd, blocking: bool) -> io::Result<()> {
    let mut nonblocking = c_int::from(!blocking);
    // SAFETY: FIONBIO reads one int, which outlives the call.
    check(unsafe { libc::ioctl(fd, libc::FIONBIO, &mut nonblocking) }).map(drop)
}

/// Sets an integer option.
pub(super) fn set_option(fd: RawFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    set(fd, level, name, &value)
}

/// Sets SO_RCVTIMEO or SO_SNDTIMEO; a microsecond at least, since zero would mean for ever.
pub(super) fn set_timeout(fd: RawFd, name: c_int, timeout: Duration) -> io::Result<()> {
    let timeout = timeout.max(Duration::from_micros(1));
    let value = libc::timeval {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_usec: timeout.subsec_micros() as libc::suseconds_t,
    };
    set(fd, libc::SOL_SOCKET, name, &value)
}

fn set<T>(fd: RawFd, level: c_int, name: c_int, value: &T) -> io::Result<()> {
    let size = size_of::<T>() as socklen_t;
    // SAFETY: the pointer and the size are those of a live value of the option's type.
    check(unsafe { libc::setsockopt(fd, level, name, ptr::from_ref(value).cast(), size) }).map(drop)
}

/// What became of a connect that was in progress.
pub(super) fn connect_result(fd: RawFd) -> io::Result<()> {
    let mut error: c_int = 0;
    let mut size = size_of::<c_int>() as socklen_t;
    // SAFETY: SO_ERROR writes one int; both pointers are to live values.
    check(unsafe {
        libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_ERROR, ptr::from_mut(&mut error).cast(), &mut size)
    })?;
    if error == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(error)) }
}

/// The domain of an address, for [`socket`].
pub(super) fn domain(address: &SocketAddr) -> c_int {
    if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 }
}

/// Connects, or begins to on a non-blocking socket (EINPROGRESS).
pub(super) fn connect_tcp(fd: RawFd, address: &SocketAddr) -> io::Result<()> {
    match address {
        SocketAddr::V4(v4) => {
            // SAFETY: all zeros is a valid sockaddr_in.
            let mut raw: libc::sockaddr_in = unsafe { mem::zeroed() };
            raw.sin_family = libc::AF_INET as libc::sa_family_t;
            raw.sin_port = v4.port().to_be();
            raw.sin_addr.s_addr = u32::from_ne_bytes(v4.ip().octets());
            connect(fd, &raw)
        }
        SocketAddr::V6(v6) => {
            // SAFETY: all zeros is a valid sockaddr_in6.
            let mut raw: libc::sockaddr_in6 = unsafe { mem::zeroed() };
            raw.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            raw.sin6_port = v6.port().to_be();
            raw.sin6_addr.s6_addr = v6.ip().octets();
            raw.sin6_flowinfo = v6.flowinfo();
            raw.sin6_scope_id = v6.scope_id();
            connect(fd, &raw)
        }
    }
}

/// Connects to a unix socket; a path that is too long is `InvalidInput`.
pub(super) fn connect_unix(fd: RawFd, path: &Path) -> io::Result<()> {
    // SAFETY: all zeros is a valid sockaddr_un.
    let mut raw: libc::sockaddr_un = unsafe { mem::zeroed() };
    raw.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let bytes = path.as_os_str().as_bytes();
    if bytes.len() >= raw.sun_path.len() || bytes.contains(&0) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, &from) in raw.sun_path.iter_mut().zip(bytes) {
        *to = from as libc::c_char;
    }
    connect(fd, &raw)
}

fn connect<A>(fd: RawFd, address: &A) -> io::Result<()> {
    let size = size_of::<A>() as socklen_t;
    // SAFETY: the pointer and the size are those of a live socket address.
    check(unsafe { libc::connect(fd, ptr::from_ref(address).cast(), size) }).map(drop)
}

/// Waits until the socket is ready or has failed: true. False when the time is over; `None` waits for ever.
pub(super) fn poll(fd: RawFd, readiness: Readiness, timeout: Option<Duration>) -> io::Result<bool> {
    let events = match readiness {
        Readiness::Readable => libc::POLLIN,
        Readiness::Writable => libc::POLLOUT,
    };
    let mut entry = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one live entry.
    check(unsafe { libc::poll(&mut entry, 1, milliseconds(timeout)) }).map(|ready| ready > 0)
}

/// Waits until any of the sockets is readable or has failed: the indices of those that are. None when the time is over.
pub(super) fn poll_all(fds: &[RawFd], timeout: Option<Duration>) -> io::Result<Vec<usize>> {
    let mut entries: Vec<_> =
        fds.iter().map(|&fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 }).collect();
    // SAFETY: so many live entries.
    check(unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, milliseconds(timeout)) })?;
    let ready = entries.iter().enumerate().filter(|(_, entry)| entry.revents != 0);
    Ok(ready.map(|(index, _)| index).collect())
}

/// Rounded up: a wait that is too short would only be begun again.
fn milliseconds(timeout: Option<Duration>) -> c_int {
    timeout.map_or(-1, |left| left.as_micros().div_ceil(1000).try_into().unwrap_or(c_int::MAX))
}

/// Receives up to `room` bytes into spare capacity; 0 is the end of the stream.
pub(super) fn receive(fd: RawFd, into: &mut Vec<u8>, room: usize, waiting: Waiting) -> io::Result<usize> {
    let flags = match waiting {
        Waiting::ForTimeout => 0,
        Waiting::Never => libc::MSG_DONTWAIT,
    };
    let spare: &mut [MaybeUninit<u8>] = into.spare_capacity_mut();
    let room = room.min(spare.len());
    // SAFETY: recv writes at most `room` bytes into memory that has that many.
    let count = check_size(unsafe { libc::recv(fd, spare.as_mut_ptr().cast::<c_void>(), room, flags) })?;
    // SAFETY: recv has written the first `count` bytes of the spare capacity.
    unsafe { into.set_len(into.len() + count) };
    Ok(count)
}

/// Looks without waiting whether there is a byte to read: 0 is the end of the stream, `WouldBlock` is silence.
pub(super) fn peek(fd: RawFd) -> io::Result<usize> {
    let mut byte = 0u8;
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    // SAFETY: recv writes at most one byte to a live one.
    check_size(unsafe { libc::recv(fd, ptr::from_mut(&mut byte).cast::<c_void>(), 1, flags) })
}

/// Sends what the socket takes without waiting, and never raises SIGPIPE.
pub(super) fn send(fd: RawFd, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    if let [one] = slices {
        // SAFETY: pointer and length are those of a live slice.
        return check_size(unsafe { libc::send(fd, one.as_ptr().cast::<c_void>(), one.len(), flags) });
    }
    // SAFETY: all zeros is a valid msghdr.
    let mut message: libc::msghdr = unsafe { mem::zeroed() };
    message.msg_iov = slices.as_ptr().cast_mut().cast::<libc::iovec>();
    message.msg_iovlen = slices.len().min(MAX_SLICES) as _;
    // SAFETY: IoSlice has the layout of iovec; sendmsg only reads the slices, which are live.
    check_size(unsafe { libc::sendmsg(fd, &message, flags) })
}

/// Ends both directions: whoever waits on the socket, in any thread, sees the end of the stream.
pub(super) fn shut_down(fd: RawFd) {
    // SAFETY: no pointers.
    unsafe { libc::shutdown(fd, libc::SHUT_RDWR) };
}

/// Runs `start` with all signals blocked in this thread, so that a thread begun there inherits that and
/// the host's signals reach the host's own threads.
pub(crate) fn with_signals_blocked<T>(start: impl FnOnce() -> T) -> T {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initializes `all`, pthread_sigmask reads it and initializes `before`.
    let blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0
    };
    let result = start();
    if blocked {
        // SAFETY: `before` was initialized, since blocking succeeded.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut()) };
    }
    result
}

fn check(result: c_int) -> io::Result<c_int> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn check_size(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// Nanoseconds of the monotonic clock. `coarse`: when its last tick was, a few milliseconds ago, which is read much faster.
pub(crate) fn monotonic(coarse: bool) -> u64 {
    #[cfg(target_os = "linux")]
    let clock = if coarse { libc::CLOCK_MONOTONIC_COARSE } else { libc::CLOCK_MONOTONIC };
    #[cfg(not(target_os = "linux"))]
    let (clock, _) = (libc::CLOCK_MONOTONIC, coarse);
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it writes the struct. These clocks are always there.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}
