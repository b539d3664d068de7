//! Restoring: a backup that was found whole goes into an empty place, is counted and verified there, or leaves nothing.

use super::{LARGEST, Manifest, Piece, read};
use crate::{config::Config, open::office, trouble::Trouble};
use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::{collections::BTreeMap, convert::Infallible, path::Path};
use tokio::{sync::mpsc, task::JoinHandle};
use wenshu_office::Clock;
use wenshu_storage::{
    ObjectKey, Storage, Writes,
    anchor::Held,
    snapshot::{SEARCH, Shape, search_text},
};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Restored {
    pub manifest: Manifest,
    pub events: u64,
    pub streams: u64,
    /// What the anchors said.
    pub held: Held,
}

/// Restores a backup into the empty place that the settings name.
pub(crate) async fn restore(config: &Config, path: &Path) -> Result<Restored> {
    // Read to its end before anything is touched.
    let manifest = tokio::task::block_in_place(|| read(path, &mut |_| Ok(())))?;
    let had_data = config.data.exists();
    let file = config.database_file();
    let had_file = file.as_deref().is_some_and(Path::exists);
    if had_file
        && file.as_deref().and_then(|file| file.metadata().ok()).is_some_and(|meta| meta.len() > 0)
    {
        return Err(Trouble::NotEmptyPlace("数据库".to_owned()).into());
    }
    let storage = config.storage().await?;
    let alone = storage.alone().await?;
    if !storage.tables().await?.is_empty() || storage.pending().await?.len() < manifest.schema.len()
    {
        return Err(Trouble::NotEmptyPlace("数据库".to_owned()).into());
    }
    if !storage.objects().keys().await?.is_empty() {
        return Err(Trouble::NotEmptyPlace(format!("数据目录 {}", config.data.display())).into());
    }
    let filled = fill(config, &storage, path, manifest).await;
    alone.end().await?;
    if filled.is_err() {
        storage.wipe().await.context("清除没有恢复完的内容")?;
    }
    storage.close().await?;
    if filled.is_err() {
        clear(config, file.filter(|_| !had_file).as_deref(), had_data);
    }
    filled
}

async fn fill(
    config: &Config,
    storage: &Storage,
    path: &Path,
    manifest: Manifest,
) -> Result<Restored> {
    storage.migrate_to(&manifest.schema).await?;
    let shapes: BTreeMap<String, Shape> = manifest
        .tables
        .iter()
        .map(|copied| (copied.shape.name.clone(), copied.shape.clone()))
        .collect();
    let here = storage.tables().await?;
    for shape in shapes.values() {
        let known = here.iter().find(|known| known.name == shape.name);
        if known
            .is_none_or(|known| shape.columns.iter().any(|column| !known.columns.contains(column)))
        {
            let why = format!("其中的表 {} 本程序不认识", shape.name);
            return Err(Trouble::BadBackup { path: path.to_owned(), why }.into());
        }
    }
    let import = storage.import().await?;
    let mut pieces = Pieces::of(path);
    while let Some(name) = pieces.next().await {
        if let Some(piece) = name.strip_prefix("rows/") {
            let table = piece.split('/').next().unwrap_or_default();
            let shape = shapes.get(table).with_context(|| name.clone())?;
            if table != SEARCH {
                for some in pieces.lines(&name).await?.chunks(2_000) {
                    import.rows(shape, some).await.with_context(|| name.clone())?;
                }
            }
        } else if let Some(key) = name.strip_prefix("objects/") {
            let stored = storage.objects().put_stream(pieces.content(), LARGEST).await?;
            if ObjectKey::try_from(key.to_owned()).ok() != Some(stored.key) {
                let why = format!("附件 {key} 与它的校验值不符");
                return Err(Trouble::BadBackup { path: path.to_owned(), why }.into());
            }
        }
    }
    pieces.end(&manifest, path).await?;
    import.commit().await?;
    // Before anything else writes: a newer schema, or an office that opens for the first time, adds rows of its own.
    same(storage, path, &manifest, |table| table != SEARCH).await?;
    storage.migrate().await?;
    // The office teaches the index the names of its organs before texts are cut into words.
    let _office = office(config, storage, &config.press(), Clock::system(), false).await?;
    // Texts are cut into words last, and read again for it: together they may be more than the memory holds.
    let mut pieces = Pieces::of(path);
    while let Some(name) = pieces.next().await {
        if !name.starts_with(&format!("rows/{SEARCH}/")) {
            continue;
        }
        for some in pieces.lines(&name).await?.chunks(200) {
            let search =
                some.iter().map(|line| search_text(line)).collect::<Result<Vec<_>, _>>()?;
            let writes = Writes { search, ..Writes::default() };
            match storage.commit::<anyhow::Error>(writes).await {
                Ok(_) => {}
                Err(wenshu_storage::Refused::Failed(error)) => return Err(error.into()),
                Err(refused) => anyhow::bail!("{refused:?}"),
            }
        }
    }
    pieces.end(&manifest, path).await?;
    same(storage, path, &manifest, |table| table == SEARCH).await?;
    verify(storage, path, manifest).await
}

/// A piece that came from the thread that reads.
enum Owned {
    Begins(String),
    Bytes(Bytes),
    Ends,
}

/// A backup as it is read by a thread of its own, a few pieces ahead.
struct Pieces {
    coming: mpsc::Receiver<Owned>,
    reading: JoinHandle<Result<Manifest, Trouble>>,
}

impl Pieces {
    fn of(path: &Path) -> Self {
        let (send, coming) = mpsc::channel(16);
        let path = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || {
            read(&path, &mut |piece| {
                let piece = match piece {
                    Piece::Begins(name) => Owned::Begins(name.to_owned()),
                    Piece::Bytes(bytes) => Owned::Bytes(Bytes::copy_from_slice(bytes)),
                    Piece::Ends => Owned::Ends,
                };
                // Whoever took the pieces has given up, and says why.
                let _given_up = send.blocking_send(piece);
                Ok(())
            })
        });
        Self { coming, reading }
    }

    /// The name of the next entry, past what was left of the one before.
    async fn next(&mut self) -> Option<String> {
        loop {
            match self.coming.recv().await? {
                Owned::Begins(name) => return Some(name),
                Owned::Bytes(_) | Owned::Ends => {}
            }
        }
    }

    /// The content of the entry that began.
    fn content(&mut self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(&mut self.coming, |coming| async move {
            match coming.recv().await {
                Some(Owned::Bytes(bytes)) => Some((Ok(bytes), coming)),
                Some(Owned::Begins(_) | Owned::Ends) | None => None,
            }
        })
    }

    /// The same as lines: rows are in pieces of some megabytes.
    async fn lines(&mut self, name: &str) -> Result<Vec<String>> {
        let mut bytes = vec![];
        let mut content = std::pin::pin!(self.content());
        while let Some(Ok(piece)) = content.next().await {
            bytes.extend_from_slice(&piece);
        }
        let text = String::from_utf8(bytes).with_context(|| name.to_owned())?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Whether what was read is what was found whole before.
    async fn end(self, manifest: &Manifest, path: &Path) -> Result<()> {
        drop(self.coming);
        let again = self.reading.await.context("读取备份")??;
        if again != *manifest {
            let why = "读取期间文件被改动".to_owned();
            return Err(Trouble::BadBackup { path: path.to_owned(), why }.into());
        }
        Ok(())
    }
}

/// Counts of these tables, and hashes, are those of the backup.
async fn same(
    storage: &Storage,
    path: &Path,
    manifest: &Manifest,
    table: impl Fn(&str) -> bool,
) -> Result<()> {
    let wrong = |why: String| Trouble::BadBackup { path: path.to_owned(), why };
    let snapshot = storage.moment().await?;
    for copied in manifest.tables.iter().filter(|copied| table(&copied.shape.name)) {
        let count = snapshot.count(&copied.shape.name).await?;
        if count != copied.rows {
            let why =
                format!("表 {} 应有 {} 行，恢复后是 {count} 行", copied.shape.name, copied.rows);
            return Err(wrong(why).into());
        }
    }
    if snapshot.heads().await? != manifest.heads {
        return Err(wrong("恢复后各记录流的校验值与备份不符".to_owned()).into());
    }
    Ok(())
}

/// The chains hold.
async fn verify(storage: &Storage, path: &Path, manifest: Manifest) -> Result<Restored> {
    let wrong = |why: String| Trouble::BadBackup { path: path.to_owned(), why };
    let verified = storage.verify_all().await?;
    if let Some(broken) = verified.broken.first() {
        let why = format!("备份中的记录流 {} 第 {} 条与校验链不符", broken.stream, broken.seq);
        return Err(wrong(why).into());
    }
    let held = storage.hold_against_anchors().await?;
    Ok(Restored { manifest, events: verified.events, streams: verified.streams, held })
}

/// Takes away what the attempt left on the disk.
fn clear(config: &Config, file: Option<&Path>, had_data: bool) {
    let mut gone = vec![];
    if let Some(file) = file {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            gone.push(std::fs::remove_file(&name));
        }
    }
    gone.push(std::fs::remove_dir_all(config.data.join("objects")));
    if !had_data {
        gone.push(std::fs::remove_dir(&config.data));
    }
    for error in gone.into_iter().filter_map(Result::err) {
        if error.kind() != std::io::ErrorKind::NotFound {
            tracing::warn!(%error, "what the restore left could not be taken away");
        }
    }
}
