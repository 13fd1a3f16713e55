//! Sentinels: real ones, and one that says what it is told to.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::server::{Process, exchange_with, free_port, temporary_folder, wait_until};
use super::stream::{Listener, Place, Stream};

/// What the sentinels call the service.
pub const SERVICE: &str = "mymaster";

/// A real sentinel, which makes a replica of a primary the new one half a second after that died.
pub struct Sentinel {
    process: Process,
    folder: PathBuf,
    port: u16,
}

impl Sentinel {
    pub fn watching(primary: u16, lines: &[&str]) -> Sentinel {
        let (folder, port) = (temporary_folder(), free_port());
        let config = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {SERVICE} 127.0.0.1 {primary} 1\n\
             sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 3000\n{}\n",
            folder.display(),
            lines.join("\n")
        );
        let path = folder.join("sentinel.conf");
        fs::write(&path, config).expect("a configuration");
        let arguments = [path.display().to_string(), "--sentinel".to_owned()];
        let mut process = Process::run_with("redis-server", &folder, &arguments);
        wait_until("the sentinel listens", || Place::Port(port).connect().is_ok());
        assert!(!process.has_ended(), "the sentinel did not start");
        Sentinel { process, folder, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn command(&self, arguments: &[&str]) -> String {
        exchange_with(self.port, arguments)
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.process.end();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A sentinel that names whom it is told to.
pub struct FakeSentinel {
    port: u16,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    primary: Mutex<Option<u16>>,
    replicas: Mutex<Vec<(u16, &'static str)>>,
    asked: AtomicUsize,
    stopped: AtomicBool,
}

impl FakeSentinel {
    pub fn naming(primary: u16) -> FakeSentinel {
        let listener = Listener::tcp();
        let Place::Port(port) = listener.place() else { unreachable!("it listens on a port") };
        let said = Arc::new(Said::default());
        let answering = Arc::clone(&said);
        thread::spawn(move || {
            while let Ok(client) = listener.accept() {
                if answering.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let said = Arc::clone(&answering);
                thread::spawn(move || said.serve(&client));
            }
        });
        let sentinel = FakeSentinel { port, said };
        sentinel.name(Some(primary));
        sentinel
    }

    /// Names another one from now on, or knows of none.
    pub fn name(&self, primary: Option<u16>) {
        *self.said.primary.lock().unwrap() = primary;
    }

    /// The replicas, each with its flags.
    pub fn list(&self, replicas: &[(u16, &'static str)]) {
        *self.said.replicas.lock().unwrap() = replicas.to_vec();
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.said.asked.load(Ordering::SeqCst)
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for FakeSentinel {
    fn drop(&mut self) {
        self.said.stopped.store(true, Ordering::SeqCst);
        let _ = Place::Port(self.port).connect();
    }
}

impl Said {
    fn serve(&self, client: &Stream) -> Option<()> {
        let mut bytes = vec![0; 64 << 10];
        loop {
            let count = client.read(&mut bytes).ok().filter(|&count| count > 0)?;
            let request = String::from_utf8_lossy(&bytes[..count]);
            // Each command begins with its number of arguments.
            for command in request.split('*').skip(1) {
                client.write_all(self.answer(command).as_bytes()).ok()?;
            }
        }
    }

    fn answer(&self, command: &str) -> String {
        if command.contains("GET-MASTER-ADDR-BY-NAME") {
            self.asked.fetch_add(1, Ordering::SeqCst);
            return match *self.primary.lock().unwrap() {
                Some(port) => array(&["127.0.0.1", &port.to_string()]),
                None => "*-1\r\n".to_owned(),
            };
        }
        if command.contains("REPLICAS") {
            let replicas = self.replicas.lock().unwrap();
            let lines = replicas.iter().map(|(port, flags)| {
                array(&["name", "x", "ip", "127.0.0.1", "port", &port.to_string(), "flags", flags])
            });
            return format!("*{}\r\n{}", replicas.len(), lines.collect::<String>());
        }
        "+OK\r\n".to_owned()
    }
}

fn array(parts: &[&str]) -> String {
    let bulks = parts.iter().map(|part| format!("${}\r\n{part}\r\n", part.len()));
    format!("*{}\r\n{}", parts.len(), bulks.collect::<String>())
}
