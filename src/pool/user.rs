//! Who uses which pool. Caches with equal endpoints and pool options share one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use super::{Pool, PoolConfig, locked, made};
use crate::fork::PerProcess;

type Registry = Mutex<HashMap<PoolConfig, Weak<Pool>>>;

static REGISTRY: PerProcess<Registry> = PerProcess::new();

/// One cache's share in a pool; the last one to leave closes the connections.
pub(crate) struct PoolUser {
    pool: Arc<Pool>,
    left: AtomicBool,
}

impl PoolUser {
    /// This process's pool for `config`, made if nobody has it open.
    pub(crate) fn join(config: &PoolConfig) -> PoolUser {
        let mut registry = locked(made(&REGISTRY, Registry::default));
        let open = registry.get(config).and_then(Weak::upgrade);
        let pool = open.unwrap_or_else(|| {
            let pool = Arc::new(Pool::new(config.clone()));
            registry.insert(config.clone(), Arc::downgrade(&pool));
            pool
        });
        pool.users.fetch_add(1, Ordering::AcqRel);
        PoolUser { pool, left: AtomicBool::new(false) }
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Gives up the share; calls that are running finish.
    pub(crate) fn leave(&self) {
        if self.left.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut registry = locked(made(&REGISTRY, Registry::default));
        if self.pool.users.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        registry.remove(&self.pool.config);
        drop(registry);
        self.pool.shut.store(true, Ordering::SeqCst);
        self.pool.close_idle();
    }
}

impl Drop for PoolUser {
    fn drop(&mut self) {
        self.leave();
    }
}
