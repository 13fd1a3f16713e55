//! Models of what threads share, in every order that they can run in. The library's files are compiled here as they are, with
//! loom's atomics and locks in the place of std's, and with the least of what they need beside that.
//!
//! Some models are wrong on purpose: they prove that loom is on, and that a model can fail.
#![allow(dead_code, reason = "the library's files have more than their models call")]

#[path = "../../../src/breaker.rs"]
mod breaker;
#[path = "../../../src/chance.rs"]
mod chance;
#[path = "../../../src/error.rs"]
mod error;
mod fork;
mod limits;
mod models;
mod near;
mod net;
mod pool;
#[path = "../../../src/stats.rs"]
mod stats;
mod sync;

use std::panic;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// How often threads may be stopped in the midst of their work: more takes long, and finds nothing more in models this small.
const PREEMPTIONS: usize = 3;

struct Model {
    name: &'static str,
    run: fn(),
    is_right: bool,
}

const fn right(name: &'static str, run: fn()) -> Model {
    Model { name, run, is_right: true }
}

const fn wrong(name: &'static str, run: fn()) -> Model {
    Model { name, run, is_right: false }
}

/// Whether a model is being run that has to fail.
static FAILS: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    show_failures();
    let models: Vec<_> =
        [models::ALL, fork::MODELS, near::MODELS, pool::MODELS].into_iter().flatten().collect();
    let failed = models.iter().filter(|model| !is_as_said(model)).count();
    println!("{} passed, {failed} failed", models.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Shows what a model says that fails and should not. Loom also ends threads by panics, which say nothing.
fn show_failures() {
    let shown = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let says = info.payload().is::<String>() || info.payload().is::<&str>();
        if says && !FAILS.load(Ordering::Relaxed) {
            shown(info);
        }
    }));
}

/// Whether a model that is right holds, and one that is wrong is found out.
fn is_as_said(model: &Model) -> bool {
    let run = model.run;
    let in_every_order = move || {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(PREEMPTIONS);
        builder.check(run);
    };
    FAILS.store(!model.is_right, Ordering::Relaxed);
    let holds = thread::spawn(in_every_order).join().is_ok();
    if holds != model.is_right {
        println!(
            "FAILED {}: it {}",
            model.name,
            if holds { "holds, though it is wrong" } else { "does not hold" }
        );
    }
    holds == model.is_right
}
