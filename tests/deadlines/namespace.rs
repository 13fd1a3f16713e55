//! Tests that need a network of their own: they are run again, by themselves, where nothing outside is changed.

use std::process::{Command, Stdio};

const INSIDE: &str = "DJREDIS_IN_NAMESPACE";

/// True inside of the namespace. Outside it runs the test there, after `setup`, or says why that is not possible.
pub(crate) fn enter(test: &str, setup: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !run("unshare --map-root-user --net --mount ip link set lo up") {
        eprintln!("{test} is skipped: this system allows no network namespaces (unshare), or has no ip");
        return false;
    }
    let program = std::env::current_exe().expect("this program");
    let script = format!("set -e; ip link set lo up; {setup}\nexec \"$0\" --exact {test} --nocapture");
    let done = Command::new("unshare")
        .args(["--map-root-user", "--net", "--mount", "sh", "-c", &script])
        .arg(program)
        .env(INSIDE, "1")
        .stdout(Stdio::null())
        .status()
        .expect("unshare");
    assert!(done.success(), "{test} failed in its namespace");
    false
}

/// Whether a command line succeeds.
pub(crate) fn run(line: &str) -> bool {
    let done = Command::new("sh").args(["-c", line]).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}
