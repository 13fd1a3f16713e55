//! Who uses which near cache. Caches with equal endpoints, prefixes and sizes share one.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Near, NearConfig, locked};
use crate::error::Result;
use crate::fork::PerProcess;

type Registry = Mutex<HashMap<NearConfig, Shared>>;

static REGISTRY: PerProcess<Registry> = PerProcess::new();

struct Shared {
    near: Arc<Near>,
    users: usize,
}

fn registry() -> MutexGuard<'static, HashMap<NearConfig, Shared>> {
    let Ok(registry) = REGISTRY.get_or_make(|| Ok::<_, Infallible>(Registry::default()));
    locked(registry)
}

/// One cache's share in a near cache; the last one to leave ends its thread and its connection.
pub(crate) struct NearUser {
    near: Arc<Near>,
    left: AtomicBool,
}

impl NearUser {
    /// This process's near cache for `config`, made if nobody has it open.
    // Rare: what it needs stays out of the frames of its callers.
    #[cold]
    #[inline(never)]
    pub(crate) fn join(config: &NearConfig) -> Result<NearUser> {
        let mut registry = registry();
        let near = match registry.get_mut(config) {
            Some(shared) => {
                shared.users += 1;
                Arc::clone(&shared.near)
            }
            None => {
                let near = Arc::new(Near::new(config.clone())?);
                registry.insert(config.clone(), Shared { near: Arc::clone(&near), users: 1 });
                near
            }
        };
        Ok(NearUser { near, left: AtomicBool::new(false) })
    }

    pub(crate) fn near(&self) -> &Arc<Near> {
        &self.near
    }

    /// Gives up the share.
    pub(crate) fn leave(&self) {
        if self.left.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut registry = registry();
        let Some(shared) = registry.get_mut(&self.near.config) else { return };
        shared.users -= 1;
        if shared.users == 0 {
            registry.remove(&self.near.config);
            drop(registry);
            self.near.end();
        }
    }
}

impl Drop for NearUser {
    fn drop(&mut self) {
        self.leave();
    }
}
