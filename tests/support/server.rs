//! A redis-server of the test's own: in a temporary folder, on a unix socket and a free port, gone when dropped.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The option with the other port of a cluster's node.
pub(super) const CLUSTER_PORT: &str = "--cluster-port";

/// A running server.
pub struct Server {
    process: Process,
    folder: PathBuf,
    port: u16,
    password: Option<String>,
    program: String,
    arguments: Vec<String>,
}

impl Server {
    /// Without a password.
    pub fn start() -> Server {
        Server::with(&[])
    }

    /// With `requirepass`.
    pub fn with_password(password: &str) -> Server {
        let mut server = Server::launch(&["--requirepass", password]);
        server.password = Some(password.to_owned());
        server.wait_until_ready();
        server
    }

    /// With more arguments for redis-server, such as `["--maxclients", "1"]`.
    pub fn with(arguments: &[&str]) -> Server {
        let mut server = Server::launch(arguments);
        server.wait_until_ready();
        server
    }

    /// Another program than redis-server.
    pub fn of(program: &str) -> Server {
        let mut server = Server::launch_program(program, &[]);
        server.wait_until_ready();
        server
    }

    fn launch(arguments: &[&str]) -> Server {
        Server::launch_program("redis-server", arguments)
    }

    fn launch_program(program: &str, arguments: &[&str]) -> Server {
        let folder = temporary_folder();
        let port = free_port();
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let process = Process::run(program, &folder, port, &arguments);
        Server { process, folder, port, password: None, program: program.to_owned(), arguments }
    }

    /// Kills the server and starts it again, empty, where it was.
    pub fn restart(&mut self) {
        self.stop();
        self.start_again();
    }

    /// The same, with something done in the meantime.
    pub fn restart_with(&mut self, meanwhile: impl FnOnce(&Server)) {
        self.stop();
        meanwhile(self);
        self.start_again();
    }

    /// Kills the server.
    pub fn stop(&mut self) {
        self.process.end();
        let _ = fs::remove_file(self.socket());
    }

    /// Starts it where it was, empty.
    pub fn start_again(&mut self) {
        self.process = Process::run(&self.program, &self.folder, self.port, &self.arguments);
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.answers() {
            assert!(Instant::now() < end, "redis-server did not start");
            if self.process.has_ended() {
                // Somebody was given one of its ports meanwhile.
                self.process.end();
                self.port = free_port();
                if let Some(name) = self.arguments.iter().position(|argument| argument == CLUSTER_PORT) {
                    self.arguments[name + 1] = free_port().to_string();
                }
                self.process = Process::run(&self.program, &self.folder, self.port, &self.arguments);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A node of a cluster listens for a moment before it finds that its other port is taken, and ends.
    fn answers(&self) -> bool {
        let answer = UnixStream::connect(self.socket()).and_then(|mut stream| {
            stream.write_all(b"PING\r\n")?;
            stream.read(&mut [0; 64])
        });
        answer.is_ok_and(|count| count > 0)
    }

    /// Kills the server for good.
    pub fn kill(&mut self) {
        self.process.end();
    }

    /// What follows this argument on its command line.
    pub fn argument(&self, name: &str) -> Option<&str> {
        let place = self.arguments.iter().position(|argument| argument == name)?;
        self.arguments.get(place + 1).map(String::as_str)
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its unix socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    /// Its temporary folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its process, for signals.
    pub fn pid(&self) -> u32 {
        self.process.server.id()
    }

    /// Runs one command over a connection of its own, without the library. Returns the raw reply, as far as
    /// one read brings it.
    pub fn command(&self, arguments: &[&str]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server accepts");
        if let Some(password) = &self.password {
            exchange(&mut stream, &["AUTH", password]);
        }
        exchange(&mut stream, arguments)
    }
}

/// Runs one command on the server at this port, as [`Server::command`] does.
pub fn send(port: u16, arguments: &[&str]) -> String {
    exchange(&mut TcpStream::connect(("127.0.0.1", port)).expect("the server accepts"), arguments)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.end();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A redis-server and its guardian: a shell that ends it when the test program ends without dropping it, killed or
/// aborted. Its input is a pipe that closes then.
pub(super) struct Process {
    server: Child,
    guardian: Child,
}

impl Process {
    fn run(program: &str, folder: &Path, port: u16, arguments: &[String]) -> Process {
        let port = port.to_string();
        let own = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let own = own.iter().chain(&["--unixsocket", "redis.sock", "--dir", "."]);
        let all: Vec<_> = own.map(ToString::to_string).chain(arguments.iter().cloned()).collect();
        Process::run_with(program, folder, &all)
    }

    /// Any program.
    pub(super) fn run_with(program: &str, folder: &Path, arguments: &[String]) -> Process {
        let server = quiet(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .spawn()
            .expect("the server is installed");
        let guardian = quiet("sh")
            .args(["-c", "read _; kill -9 $1; rm -rf \"$2\"", "guardian", &server.id().to_string()])
            .arg(folder)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        Process { server, guardian }
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.server.try_wait().expect("the server's state").is_some()
    }

    /// The guardian first: later the number may be another process's.
    pub(super) fn end(&mut self) {
        for child in [&mut self.guardian, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Waits for something that other processes do.
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < end, "in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// One command to whoever listens on a port, and the raw reply.
pub(super) fn exchange_with(port: u16, arguments: &[&str]) -> String {
    exchange(&mut TcpStream::connect(("127.0.0.1", port)).expect("it accepts"), arguments)
}

/// A folder of its own.
pub(super) fn temporary_folder() -> PathBuf {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("djredis-test-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

fn exchange(stream: &mut TcpStream, arguments: &[&str]) -> String {
    let mut packed = format!("*{}\r\n", arguments.len());
    for argument in arguments {
        packed += &format!("${}\r\n{argument}\r\n", argument.len());
    }
    stream.write_all(packed.as_bytes()).expect("the server reads");
    let mut reply = [0; 64 << 10];
    let count = stream.read(&mut reply).expect("the server answers");
    String::from_utf8_lossy(&reply[..count]).into_owned()
}
