//! No key store: nothing is kept.

use crate::error::Result;
use crate::store::Backend;
use crate::store::key::{KeyStore, MasterKey};

/// Keeps no key. What it would open lies in the process's own memory and needs none.
#[derive(Clone, Copy, Debug)]
pub struct Memory;

impl KeyStore for Memory {
    fn backend(&self) -> Backend {
        Backend::Memory
    }

    fn load(&self) -> Result<Option<MasterKey>> {
        Ok(None)
    }

    fn keep(&self, _key: &MasterKey) -> Result<()> {
        Ok(())
    }

    fn forget(&self) -> Result<()> {
        Ok(())
    }
}
