//! Large content under its hash: attachments, bodies, PDFs. Names come from hashes only, never from what people typed.

use crate::{chain::hex, error::Error};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart, local::LocalFileSystem, path::Path,
};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use std::{fmt, path::PathBuf, sync::Arc};
use uuid::Uuid;

/// The SM3 of some content, as lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The key of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sm3::digest(bytes)))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn path(&self) -> Path {
        Path::from_iter(["sm3", &self.0[..2], &self.0[2..]])
    }
}

/// Finds the key of content that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct Hashing(Sm3);

impl Hashing {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The key of all pieces.
    #[must_use]
    pub fn key(self) -> ObjectKey {
        ObjectKey(hex(&self.0.finalize()))
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let good =
            text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if good { Ok(Self(text)) } else { Err(format!("no object key: {text}")) }
    }
}

impl std::str::FromStr for ObjectKey {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.to_owned().try_into()
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub key: ObjectKey,
    pub size: u64,
}

/// The object store of this installation.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<LocalFileSystem>,
}

impl Objects {
    pub(crate) fn open(root: PathBuf) -> Result<Self, Error> {
        let unwritable = |source| Error::Unwritable { path: root.clone(), source };
        std::fs::create_dir_all(&root).map_err(unwritable)?;
        // A directory may be there and refuse: better to hear it now than at the first attachment.
        let probe = root.join(".probe");
        std::fs::write(&probe, b"")
            .and_then(|()| std::fs::remove_file(&probe))
            .map_err(unwritable)?;
        let store =
            LocalFileSystem::new_with_prefix(&root).map_err(Error::Objects)?.with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Stores bytes at hand.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn put(&self, bytes: impl Into<Bytes> + Send) -> Result<Stored, Error> {
        let bytes = bytes.into();
        let (key, size) = (ObjectKey::of(&bytes), bytes.len() as u64);
        if !self.exists(&key).await? {
            self.store
                .put(&key.path(), PutPayload::from_bytes(bytes))
                .await
                .map_err(Error::Objects)?;
        }
        Ok(Stored { key, size })
    }

    /// Stores what a stream brings, without holding it in memory; nothing stays when it fails or is longer than `limit`.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Upload`] when the stream fails, or when the disk refuses.
    pub async fn put_stream<S, E>(&self, stream: S, limit: u64) -> Result<Stored, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let part = Path::from_iter(["part", &Uuid::now_v7().to_string()]);
        let upload = self.store.put_multipart(&part).await.map_err(Error::Objects)?;
        let mut write = WriteMultipart::new(upload);
        let (mut sm3, mut size) = (Sm3::new(), 0_u64);
        let mut stream = std::pin::pin!(stream);
        let trouble = loop {
            match stream.next().await {
                Some(Ok(bytes)) if size + bytes.len() as u64 <= limit => {
                    size += bytes.len() as u64;
                    sm3.update(&bytes);
                    if let Err(error) = write.wait_for_capacity(4).await {
                        break Some(Error::Objects(error));
                    }
                    write.put(bytes);
                }
                Some(Ok(_)) => break Some(Error::TooLarge { limit }),
                Some(Err(error)) => break Some(Error::Upload(std::io::Error::other(error))),
                None => break None,
            }
        };
        if let Some(error) = trouble {
            if let Err(left) = write.abort().await {
                tracing::warn!(error = %left, "a part of an upload that failed may still lie there");
            }
            return Err(error);
        }
        let key = ObjectKey(hex(&sm3.finalize()));
        let kept = match write.finish().await {
            Ok(_) => self.store.rename(&part, &key.path()).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            // What is not there needs no removing; what is there is no use to anybody.
            let _ = self.store.delete(&part).await;
            return Err(Error::Objects(error));
        }
        Ok(Stored { key, size })
    }

    /// Reads in pieces.
    ///
    /// # Errors
    /// [`Error::NoObject`], or when the disk refuses.
    pub async fn get(
        &self,
        key: &ObjectKey,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, Error>>), Error> {
        let found = self.store.get(&key.path()).await.map_err(|error| missing(key, error))?;
        Ok((found.meta.size, found.into_stream().map_err(Error::Objects).boxed()))
    }

    /// Reads whole, and holds it against its name.
    ///
    /// # Errors
    /// [`Error::NoObject`] also when the content is no longer what its name says; or when the disk refuses.
    pub async fn bytes(&self, key: &ObjectKey) -> Result<Bytes, Error> {
        let found = self.store.get(&key.path()).await.map_err(|error| missing(key, error))?;
        let bytes = found.bytes().await.map_err(Error::Objects)?;
        if ObjectKey::of(&bytes) == *key {
            Ok(bytes)
        } else {
            Err(Error::NoObject(format!("{key} (content changed)")))
        }
    }

    /// Reads through it in pieces and holds it against its name; gives its size.
    ///
    /// # Errors
    /// [`Error::NoObject`] also when the content is no longer what its name says; or when the disk refuses.
    pub async fn check(&self, key: &ObjectKey) -> Result<u64, Error> {
        let (size, mut pieces) = self.get(key).await?;
        let mut hashing = Hashing::default();
        while let Some(piece) = pieces.try_next().await? {
            hashing.update(&piece);
        }
        if hashing.key() == *key {
            Ok(size)
        } else {
            Err(Error::NoObject(format!("{key} (content changed)")))
        }
    }

    /// All that are there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn keys(&self) -> Result<std::collections::BTreeSet<ObjectKey>, Error> {
        let found = self.store.list(Some(&Path::from("sm3")));
        let key = |meta: object_store::ObjectMeta| {
            let name: String = meta.location.as_ref().trim_start_matches("sm3/").replace('/', "");
            std::future::ready(Ok(ObjectKey::try_from(name).ok()))
        };
        found.try_filter_map(key).try_collect().await.map_err(Error::Objects)
    }

    /// Writes something and takes it away again: whether the disk takes anything now.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), Error> {
        let path = Path::from_iter(["part", &Uuid::now_v7().to_string()]);
        let written = self.store.put(&path, PutPayload::from_static(b"?")).await;
        written.map_err(Error::Objects)?;
        self.store.delete(&path).await.map_err(Error::Objects)
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn exists(&self, key: &ObjectKey) -> Result<bool, Error> {
        match self.store.head(&key.path()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(Error::Objects(error)),
        }
    }
}

fn missing(key: &ObjectKey, error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::NoObject(key.to_string()),
        other => Error::Objects(other),
    }
}
