//! The same request twice: a key that its asker gave stands with the answer in the commit that the request made, and is
//! answered from there when it comes again. What a request means is hashed at the door; here it is only compared.

use crate::{act::RequestKey, error::Error, office::Office};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use wenshu_core::command::Actor;
use wenshu_document::hash::sm3_hex;
use wenshu_storage::{Key, KnownKey};

impl RequestKey {
    /// The same key for a request that says this, too, e.g. a file whose form around it is never twice the same.
    #[must_use]
    pub fn saying(mut self, more: &[&str]) -> Self {
        for part in more {
            self.request =
                sm3_hex(format!("{}\n{}", self.request, sm3_hex(part.as_bytes())).as_bytes());
        }
        self
    }

    /// As it is kept where the key itself is a secret between the asker and their answer.
    pub(crate) fn sealed(&self) -> Self {
        Self { key: format!("sm3:{}", sm3_hex(self.key.as_bytes())), request: self.request.clone() }
    }
}

impl Office {
    /// The office for one request: what it changes is changed once under this key.
    #[must_use]
    pub fn under(&self, key: RequestKey) -> Self {
        Self { inner: Arc::clone(&self.inner), key: Some(Arc::new(key)) }
    }

    /// The key of the request that is carried out.
    pub(crate) fn key(&self) -> Option<&RequestKey> {
        self.key.as_deref()
    }

    /// What was answered to this very request before.
    pub(crate) async fn told_before<T: DeserializeOwned>(
        &self,
        actor: &Actor,
    ) -> Result<Option<T>, Error> {
        self.answered_to(actor, self.key()).await
    }

    /// The same for a key that was handed on.
    pub(crate) async fn answered_to<T: DeserializeOwned>(
        &self,
        actor: &Actor,
        key: Option<&RequestKey>,
    ) -> Result<Option<T>, Error> {
        let person = actor.seat().and_then(|seat| seat.person.as_ref());
        let Some((key, person)) = key.zip(person) else { return Ok(None) };
        let Some(known) = self.inner.storage.answer_to(&person.id, &key.key).await? else {
            return Ok(None);
        };
        again(key, &known).map(Some)
    }

    /// The row that keeps the answer to the request that is carried out.
    pub(crate) fn answer(
        &self,
        actor: &Actor,
        answer: &impl Serialize,
    ) -> Result<Option<Key>, Error> {
        self.answer_under(actor, self.key(), answer)
    }

    /// The same for a key that was handed on.
    pub(crate) fn answer_under(
        &self,
        actor: &Actor,
        key: Option<&RequestKey>,
        answer: &impl Serialize,
    ) -> Result<Option<Key>, Error> {
        let person = actor.seat().and_then(|seat| seat.person.as_ref());
        let Some((key, person)) = key.zip(person) else { return Ok(None) };
        Ok(Some(Key {
            person: person.id.clone(),
            key: key.key.clone(),
            request: key.request.clone(),
            answer: serde_json::to_string(answer).map_err(Error::unreadable("an answer"))?,
            at: self.inner.clock.now(),
        }))
    }

    /// The answer that a commit found under the key: it was quicker than this one, or belongs to another request.
    pub(crate) fn found<T: DeserializeOwned>(&self, known: &KnownKey) -> Result<T, Error> {
        again(self.key().ok_or(Error::KeyReused)?, known)
    }
}

fn again<T: DeserializeOwned>(key: &RequestKey, known: &KnownKey) -> Result<T, Error> {
    if known.request != key.request {
        return Err(Error::KeyReused);
    }
    serde_json::from_str(&known.answer).map_err(Error::unreadable("a stored answer"))
}
