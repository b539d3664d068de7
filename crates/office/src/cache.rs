//! What this node remembers between acts: cases as they were after their last commit, and texts by their hash.
//! Nothing here is true: whoever uses a case from here finds out by the guard, or asks for its head.

use crate::{error::Error, log::CaseLog, log::DocumentLog, office::Office};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use wenshu_core::{Workflow, id::CaseId};
use wenshu_document::Body;
use wenshu_storage::ObjectKey;

/// A case ready to be acted on.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub log: CaseLog,
    pub document: Option<DocumentLog>,
    pub workflow: Arc<Workflow>,
}

/// Cases by id; at most so many.
#[derive(Debug, Default)]
pub(crate) struct Cases(Mutex<HashMap<CaseId, Held>>);

const MOST_CASES: usize = 1024;

impl Cases {
    /// Takes a case out: whoever decides on it owns it.
    pub(crate) fn take(&self, id: CaseId) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }

    /// A copy, if it stands at `version`.
    pub(crate) fn at(&self, id: CaseId, version: u64) -> Option<Held> {
        let cases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cases.get(&id).filter(|held| held.log.head.version == version).cloned()
    }

    /// Keeps a case after its commit.
    pub(crate) fn keep(&self, held: Held) {
        let mut cases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cases.len() >= MOST_CASES {
            // Any one will do: the next act loads it again.
            if let Some(id) = cases.keys().next().copied() {
                cases.remove(&id);
            }
        }
        cases.insert(held.log.case.id, held);
    }

    pub(crate) fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Texts by their hash.
#[derive(Debug, Default)]
pub(crate) struct Bodies(Mutex<HashMap<String, Arc<Body>>>);

const MOST_BODIES: usize = 128;

impl Office {
    /// The text of that hash.
    pub(crate) async fn body(&self, hash: &str) -> Result<Arc<Body>, Error> {
        if let Some(body) =
            self.inner.bodies.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash)
        {
            return Ok(Arc::clone(body));
        }
        let key = object_key(hash)?;
        let bytes = self.inner.storage.objects().bytes(&key).await?;
        let body: Body =
            serde_json::from_slice(&bytes).map_err(Error::unreadable(format!("text {hash}")))?;
        let body = Arc::new(body);
        self.remember(hash, &body);
        Ok(body)
    }

    /// Stores a text under its hash, before any event names it.
    pub(crate) async fn keep_body(&self, body: Body) -> Result<Arc<Body>, Error> {
        let stored = self.inner.storage.objects().put(body.canonical()).await?;
        let body = Arc::new(body);
        self.remember(stored.key.as_str(), &body);
        Ok(body)
    }

    fn remember(&self, hash: &str, body: &Arc<Body>) {
        let mut bodies = self.inner.bodies.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bodies.len() >= MOST_BODIES {
            bodies.clear();
        }
        bodies.insert(hash.to_owned(), Arc::clone(body));
    }
}

/// A hash as the object store wants it.
pub(crate) fn object_key(hash: &str) -> Result<ObjectKey, Error> {
    hash.parse().map_err(|text| Error::Storage(wenshu_storage::Error::NoObject(text)))
}
