//! A forked child works at once, on sockets of its own, and the parent does not notice.
//!
//! Children are forked while other threads are in the middle of calls: whatever locks those hold stay locked in the
//! child for ever. A child that hangs is killed by its own alarm, which the test sees.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(unsafe_code, reason = "fork, waitpid and alarm")]

mod support;

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use djredis::{Cache, Call, Options, Status, Value};
use support::{Cluster, FakeSentinel, SERVICE, Server, TlsServer};

const FORKS: usize = 200;
const THREADS: usize = 4;
/// Seconds after which a child counts as hung.
const HUNG: u32 = 20;

/// One test at a time: descriptors belong to the process, and a child inherits those of every test.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const DONE: i32 = 0;
const WRONG_VALUE: i32 = 1;
const SHARED_SOCKET: i32 = 2;
const FAILED: i32 = 3;

fn open(server: &Server, options: &[(&str, &str)]) -> Arc<Cache> {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).expect("a known option");
    }
    Arc::new(Cache::open(&format!("127.0.0.1:{}:0", server.port()), &set).expect("a cache"))
}

/// The sockets that this process has open, by their inode: `socket:[12345]`.
fn sockets() -> HashSet<String> {
    let entries = fs::read_dir("/proc/self/fd").expect("/proc");
    let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    links.map(|link| link.to_string_lossy().into_owned()).filter(|link| link.starts_with("socket:")).collect()
}

/// Forks; the child runs `work` and exits with what it answers. The parent gets that, or the signal that ended it.
fn in_child(work: impl FnOnce() -> i32) -> Result<i32, i32> {
    // SAFETY: the child runs `work` and leaves by _exit, without unwinding or running exit handlers.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork failed");
    if pid == 0 {
        // SAFETY: no handler for SIGALRM is set: it ends the child.
        unsafe { libc::alarm(HUNG) };
        let code = work();
        // SAFETY: see above.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: `pid` is our child, `status` is ours.
    assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
    if libc::WIFEXITED(status) { Ok(libc::WEXITSTATUS(status)) } else { Err(libc::WTERMSIG(status)) }
}

/// Stores a number that names the key, reads it back.
fn round_trip(cache: &Cache, key: &str, number: i64) -> Result<bool, djredis::Error> {
    cache.set(key.as_bytes(), &Value::Int(number), &Call::default())?;
    Ok(cache.get(key.as_bytes(), &Call::default())? == Some(Value::Int(number)))
}

fn child(cache: &Cache, number: i64, parents: &HashSet<String>) -> i32 {
    if !sockets().is_disjoint(parents) {
        return SHARED_SOCKET;
    }
    for turn in 0..5 {
        match round_trip(cache, &format!("child{number}"), number * 100 + turn) {
            Ok(true) => {}
            Ok(false) => return WRONG_VALUE,
            Err(_) => return FAILED,
        }
    }
    if sockets().is_disjoint(parents) { DONE } else { SHARED_SOCKET }
}

#[test]
fn children_of_a_busy_process_work_on_sockets_of_their_own() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[("MAX_CONNECTIONS", "3")]);
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let busy: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (cache, stop, calls) = (Arc::clone(&cache), Arc::clone(&stop), Arc::clone(&calls));
            thread::spawn(move || {
                let mut number = 0;
                while !stop.load(Ordering::Relaxed) {
                    number += 1;
                    assert!(
                        round_trip(&cache, &format!("parent{thread}"), number).expect("the parent works")
                    );
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();

    for number in 0..FORKS {
        let before = calls.load(Ordering::Relaxed);
        let parents = sockets();
        let ended = in_child(|| child(&cache, number as i64, &parents));
        assert_eq!(ended, Ok(DONE), "child {number}");
        while calls.load(Ordering::Relaxed) == before {
            assert!(busy.iter().all(|thread| !thread.is_finished()), "a thread of the parent ended");
            thread::yield_now();
        }
    }
    stop.store(true, Ordering::Relaxed);
    busy.into_iter().for_each(|thread| thread.join().expect("no wrong value in the parent"));
}

#[test]
fn a_child_closes_its_copies_and_the_parents_connection_lives_on() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[]);
    let before = sockets();
    assert!(round_trip(&cache, "key", 1).unwrap());
    let own: HashSet<_> = sockets().difference(&before).cloned().collect();
    assert_eq!(own.len(), 1);
    let inherited = in_child(|| i32::from(!sockets().is_disjoint(&own)));
    assert_eq!(inherited, Ok(0), "the parent's socket is open in the child");
    assert!(round_trip(&cache, "key", 2).unwrap());
    let after: HashSet<_> = sockets().difference(&before).cloned().collect();
    assert_eq!(after, own, "the parent's connection was lost");
}

#[test]
fn a_scan_from_before_the_fork_is_refused_in_the_child() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[]);
    round_trip(&cache, "key", 1).unwrap();
    let mut scan = cache.scan(b"*", &Call::default()).unwrap();
    let status = in_child(|| match scan.next_batch(&Call::default()) {
        Err(error) if error.status() == Status::Forked => DONE,
        _ => FAILED,
    });
    assert_eq!(status, Ok(DONE));
    assert_eq!(scan.next_batch(&Call::default()).unwrap(), Some(vec![b"key".to_vec()]));
}

#[test]
fn a_cache_opened_before_the_first_use_works_in_parent_and_child() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[("KEY_PREFIX", "lazy")]);
    assert_eq!(in_child(|| i32::from(round_trip(&cache, "key", 7).is_err())), Ok(DONE));
    assert_eq!(cache.get(b"key", &Call::default()).unwrap(), Some(Value::Int(7)));
}

#[test]
fn grandchildren_work_as_well() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[]);
    assert!(round_trip(&cache, "key", 1).unwrap());
    let status = in_child(|| {
        let own = round_trip(&cache, "child", 2).unwrap_or(false);
        let grandchild = in_child(|| i32::from(!round_trip(&cache, "grandchild", 3).unwrap_or(false)));
        i32::from(!own || grandchild != Ok(DONE))
    });
    assert_eq!(status, Ok(DONE));
}

#[test]
fn closing_in_the_child_leaves_the_parent_open() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[]);
    assert!(round_trip(&cache, "key", 1).unwrap());
    let status = in_child(|| {
        cache.close();
        let refused =
            cache.get(b"key", &Call::default()).is_err_and(|error| error.status() == Status::Closed);
        i32::from(!refused)
    });
    assert_eq!(status, Ok(DONE));
    assert!(round_trip(&cache, "key", 2).unwrap());
}

/// The parent is quiet: its pool's worker sleeps. Children make pools, and so workers, of their own.
#[test]
fn children_of_a_quiet_process_work() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[]);
    let other = open(&server, &[("MAX_CONNECTIONS", "7")]);
    assert!(round_trip(&cache, "key", 1).unwrap());
    for number in 0..FORKS {
        let status = in_child(|| {
            let both =
                [&cache, &other].map(|cache| round_trip(cache, "child", number as i64).unwrap_or(false));
            i32::from(both != [true, true])
        });
        assert_eq!(status, Ok(DONE), "child {number}");
    }
}

/// The parent's sessions are copied with its memory: a child that used one, or ended it, would break the parent's.
#[cfg(feature = "tls")]
#[test]
fn children_leave_the_parents_tls_connections_alone() {
    let _alone = alone();
    let server = TlsServer::start();
    let cache = Arc::new(Cache::open(&server.trusted(), &Options::new()).expect("a cache"));
    let before = sockets();
    assert!(round_trip(&cache, "key", 1).unwrap());
    let own: HashSet<_> = sockets().difference(&before).cloned().collect();
    let mut connection = cache.connection(&Call::default()).unwrap();
    let ping: [&[u8]; 1] = [b"PING"];
    connection.command(&ping, &Call::default()).unwrap();
    let parents = sockets();
    let status = in_child(|| {
        let refused = connection.command(&ping, &Call::default()).unwrap_err().status();
        let worked = child(&cache, 1, &parents);
        cache.close();
        if refused == Status::Forked { worked } else { FAILED }
    });
    assert_eq!(status, Ok(DONE));
    connection.command(&ping, &Call::default()).expect("the parent's connection lives on");
    drop(connection);
    assert!(round_trip(&cache, "key", 2).unwrap());
    let after: HashSet<_> = sockets().difference(&before).cloned().collect();
    assert_eq!(after, own, "the parent's connection was lost");
}

/// Threads of the parent send, receive, wait for each other and shake hands while children are made.
#[cfg(feature = "tls")]
#[test]
fn children_of_threads_with_tls_connections_work() {
    let _alone = alone();
    let server = TlsServer::start();
    let location = format!("{}&max_connections=2", server.trusted());
    let open = || Arc::new(Cache::open(&location, &Options::new()).expect("a cache"));
    let (cache, stop) = (open(), Arc::new(AtomicBool::new(false)));
    let mut busy = waiting_threads(&cache, &stop);
    let (connecting, ended) = (open(), Arc::clone(&stop));
    busy.push(thread::spawn(move || {
        while !ended.load(Ordering::Relaxed) {
            // Not given back: each one shakes hands anew.
            let mut connection = connecting.connection(&Call::default()).expect("a connection");
            connection.send(&[b"PING"], &Call::default()).expect("it is sent");
        }
    }));
    for number in 0..FORKS / 4 {
        let parents = sockets();
        let status = in_child(|| child(&cache, number as i64, &parents));
        assert_eq!(status, Ok(DONE), "child {number}");
    }
    stop.store(true, Ordering::Relaxed);
    busy.into_iter().for_each(|thread| thread.join().expect("no wrong value in the parent"));
}

/// More threads than connections, in the parent and in its children.
#[test]
fn children_of_threads_that_wait_for_a_connection_work() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[("MAX_CONNECTIONS", "1")]);
    let stop = Arc::new(AtomicBool::new(false));
    let busy = waiting_threads(&cache, &stop);
    for number in 0..FORKS / 4 {
        let status = in_child(|| {
            let stop = Arc::new(AtomicBool::new(false));
            let busy = waiting_threads(&cache, &stop);
            let works = (0..20).all(|turn| round_trip(&cache, "child", turn).unwrap_or(false));
            stop.store(true, Ordering::Relaxed);
            i32::from(!busy.into_iter().all(|thread| thread.join().is_ok()) || !works)
        });
        assert_eq!(status, Ok(DONE), "child {number}");
    }
    stop.store(true, Ordering::Relaxed);
    busy.into_iter().for_each(|thread| thread.join().expect("no wrong value in the parent"));
    assert!(cache.stats().rides > 0, "their calls ride together");
}

fn waiting_threads(cache: &Arc<Cache>, stop: &Arc<AtomicBool>) -> Vec<thread::JoinHandle<()>> {
    let work = |thread: usize| {
        let (cache, stop) = (Arc::clone(cache), Arc::clone(stop));
        move || {
            while !stop.load(Ordering::Relaxed) {
                assert!(
                    round_trip(&cache, &format!("thread{thread}-{}", std::process::id()), 1)
                        .expect("it works")
                );
            }
        }
    };
    (0..3 * THREADS).map(|thread| thread::spawn(work(thread))).collect()
}

/// What the parent knows of the cluster may be in the middle of a change: the child learns it anew.
#[test]
fn children_of_threads_on_a_cluster_work() {
    let _alone = alone();
    let cluster = Cluster::start(3);
    let mut options = Options::new();
    options.set("CLIENT_CLASS", "cluster").expect("a known option");
    let cache = Arc::new(Cache::open(&cluster.location(), &options).expect("a cache"));
    let stop = Arc::new(AtomicBool::new(false));
    let busy = waiting_threads(&cache, &stop);
    for number in 0..FORKS / 4 {
        let parents = sockets();
        let status = in_child(|| child(&cache, number as i64, &parents));
        assert_eq!(status, Ok(DONE), "child {number}");
    }
    stop.store(true, Ordering::Relaxed);
    busy.into_iter().for_each(|thread| thread.join().expect("no wrong value in the parent"));
}

#[test]
fn a_store_in_memory_is_empty_in_the_child() {
    let _alone = alone();
    let cache = Cache::open("memory:forked", &Options::new()).expect("a cache");
    assert!(round_trip(&cache, "key", 1).unwrap());
    let status = in_child(|| {
        let inherited = get(&cache, "key");
        i32::from(inherited.is_some() || !round_trip(&cache, "key", 2).unwrap_or(false))
    });
    assert_eq!(status, Ok(DONE));
    assert_eq!(get(&cache, "key"), Some(Value::Int(1)));
}

fn get(cache: &Cache, key: &str) -> Option<Value<'static>> {
    cache.get(key.as_bytes(), &Call::default()).expect("it works")
}

const NEAR: (&str, &str) = ("NEAR_CACHE", "1000000");

/// The value that is kept, without asking the server: a read that the near cache answered.
fn kept(cache: &Cache, key: &str) -> bool {
    let before = cache.stats().near_hits;
    get(cache, key).is_some() && cache.stats().near_hits > before
}

#[test]
fn a_near_cache_is_empty_in_the_child_and_hears_the_news_by_itself() {
    let _alone = alone();
    let server = Server::start();
    let (cache, other) = (open(&server, &[NEAR]), open(&server, &[]));
    assert!(round_trip(&cache, "key", 1).unwrap() && kept(&cache, "key"));
    let parents = sockets();
    let status = in_child(|| {
        let inherited = kept(&cache, "key");
        let own = kept(&cache, "key");
        // On a connection and a thread of its own, another client's write is heard of.
        let written = round_trip(&other, "key", 2).unwrap_or(false);
        while get(&cache, "key") != Some(Value::Int(2)) {
            thread::yield_now();
        }
        i32::from(inherited || !own || !written || !sockets().is_disjoint(&parents))
    });
    assert_eq!(status, Ok(DONE));
    while get(&cache, "key") != Some(Value::Int(2)) {
        thread::yield_now();
    }
    assert!(round_trip(&cache, "key", 3).unwrap());
    assert_eq!(cache.stats().near_flushes, 0, "the parent's connection was lost");
}

/// Other threads read, write and forget in the near cache while children are made.
#[test]
fn children_of_threads_in_the_near_cache_work() {
    let _alone = alone();
    let server = Server::start();
    let cache = open(&server, &[NEAR]);
    let stop = Arc::new(AtomicBool::new(false));
    let busy = waiting_threads(&cache, &stop);
    for number in 0..FORKS {
        let status = in_child(|| {
            let works = (0..20).all(|turn| round_trip(&cache, "child", turn).unwrap_or(false));
            let closes = number % 2 == 0;
            if closes {
                cache.close();
            }
            i32::from(!works)
        });
        assert_eq!(status, Ok(DONE), "child {number}");
    }
    stop.store(true, Ordering::Relaxed);
    busy.into_iter().for_each(|thread| thread.join().expect("no wrong value in the parent"));
}

/// Other threads are asking sentinels, and being answered, all the time.
#[test]
fn a_child_asks_the_sentinels_itself() {
    let _alone = alone();
    let (one, other) = (Server::start(), Server::start());
    let sentinel = FakeSentinel::naming(one.port());
    let mut options = Options::new();
    let sentinels = format!("127.0.0.1:{}", sentinel.port());
    for (name, value) in [("CLIENT_CLASS", "sentinel"), ("SENTINELS", &sentinels)] {
        options.set(name, value).expect("a known option");
    }
    let cache = Cache::open(&format!("redis://{SERVICE}/0"), &options).expect("a cache");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (cache, stop, one) = (&cache, &stop, &one);
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let _ = round_trip(cache, &format!("parent{thread}"), 1);
                    if thread == 0 {
                        // Connections that die make the others ask.
                        one.command(&["CLIENT", "KILL", "TYPE", "normal"]);
                    }
                }
            });
        }
        for number in 0..50 {
            sentinel.name(Some(if number % 2 == 0 { other.port() } else { one.port() }));
            let outcome = in_child(|| match round_trip(&cache, &format!("child{number}"), number) {
                Ok(true) => DONE,
                Ok(false) => WRONG_VALUE,
                // The parent's own test ends connections, not the child's.
                Err(error) if error.status() == Status::Connection => DONE,
                Err(_) => FAILED,
            });
            assert_eq!(outcome, Ok(DONE));
        }
        stop.store(true, Ordering::SeqCst);
    });
}
