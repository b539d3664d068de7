//! Restoring: a backup that was found whole goes into an empty place, is counted and verified there, or leaves nothing.

use super::{Manifest, read};
use crate::{config::Config, open::office, trouble::Trouble};
use anyhow::{Context, Result};
use std::{collections::BTreeMap, path::Path};
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
    let manifest = tokio::task::block_in_place(|| read(path, &mut |_, _| Ok(())))?;
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
    let (send, mut entries) = tokio::sync::mpsc::channel::<(String, Vec<u8>)>(4);
    let source = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        read(&source, &mut |name, bytes| {
            // Whoever took the entries has given up, and says why.
            let _given_up = send.blocking_send((name.to_owned(), bytes));
            Ok(())
        })
    });
    let import = storage.import().await?;
    let mut texts = vec![];
    while let Some((name, bytes)) = entries.recv().await {
        if let Some(piece) = name.strip_prefix("rows/") {
            let table = piece.split('/').next().unwrap_or_default();
            let shape = shapes.get(table).with_context(|| name.clone())?;
            let text = String::from_utf8(bytes).with_context(|| name.clone())?;
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            if table == SEARCH {
                texts.extend(lines);
                continue;
            }
            for some in lines.chunks(2_000) {
                import.rows(shape, some).await.with_context(|| name.clone())?;
            }
        } else if let Some(key) = name.strip_prefix("objects/") {
            let stored = storage.objects().put(bytes).await?;
            if ObjectKey::try_from(key.to_owned()).ok() != Some(stored.key) {
                let why = format!("附件 {key} 与它的校验值不符");
                return Err(Trouble::BadBackup { path: path.to_owned(), why }.into());
            }
        }
    }
    let again = reading.await.context("读取备份")??;
    if again != manifest {
        let why = "读取期间文件被改动".to_owned();
        return Err(Trouble::BadBackup { path: path.to_owned(), why }.into());
    }
    import.commit().await?;
    storage.migrate().await?;
    // The office teaches the index the names of its organs before texts are cut into words.
    let _office = office(config, storage, &config.press(), Clock::system(), false).await?;
    for some in texts.chunks(200) {
        let search = some.iter().map(|line| search_text(line)).collect::<Result<Vec<_>, _>>()?;
        let writes = Writes { search, ..Writes::default() };
        match storage.commit::<anyhow::Error>(writes).await {
            Ok(_) => {}
            Err(wenshu_storage::Refused::Failed(error)) => return Err(error.into()),
            Err(refused) => anyhow::bail!("{refused:?}"),
        }
    }
    verify(storage, path, manifest).await
}

/// Counts and hashes are those of the backup, and the chains hold.
async fn verify(storage: &Storage, path: &Path, manifest: Manifest) -> Result<Restored> {
    let wrong = |why: String| Trouble::BadBackup { path: path.to_owned(), why };
    let snapshot = storage.moment().await?;
    for copied in &manifest.tables {
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
    drop(snapshot);
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
