#![allow(clippy::unwrap_used, clippy::panic)]

use std::os::fd::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;

use super::*;

/// Whether `question` is true in a forked child.
fn in_child(question: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child asks, and leaves by _exit.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let code = i32::from(!question());
        // SAFETY: see above.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: our child, and our status.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

/// However long the system keeps a thread from running on, a child has no copy of what it has just opened.
#[test]
fn a_fork_waits_for_a_socket_to_get_its_place() {
    install();
    let (opened, heard) = mpsc::channel();
    let (ended, end) = mpsc::channel::<()>();
    let opener = thread::spawn(move || {
        let window = opening();
        let fd = UnixStream::pair().unwrap().0.into_raw_fd();
        opened.send(fd).unwrap();
        thread::sleep(Duration::from_millis(500));
        let _registration = register(fd);
        drop(window);
        let _ = end.recv();
    });
    let fd = heard.recv().unwrap();
    // SAFETY: it asks for flags alone.
    assert!(in_child(|| unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1), "the child has a copy");
    drop(ended);
    opener.join().unwrap();
}

/// As from a signal handler that interrupts the opening: nobody else would end the wait.
#[test]
fn a_fork_in_the_midst_of_opening_waits_for_nothing() {
    install();
    let _window = opening();
    let began = Instant::now();
    assert!(in_child(|| true));
    assert!(began.elapsed() < PREPARE_WAIT);
}
