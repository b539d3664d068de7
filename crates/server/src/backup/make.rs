//! Making a backup: one snapshot of the database, then the objects that it names. Objects never change, so they may be
//! read after the snapshot; those that came later are not named in it.

use super::{Copied, FORMAT, Manifest, file::Writing};
use anyhow::{Context, Result};
use std::{collections::BTreeSet, path::Path};
use wenshu_storage::{ObjectKey, Storage, snapshot::Shape};

/// Rows go into pieces of about this size.
const PIECE: usize = 4 * 1024 * 1024;
/// Columns that hold hashes of events, which are no names of objects.
const NO_OBJECTS: [&str; 3] = ["stream", "anchored", "act_key"];

/// What was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub manifest: Manifest,
    /// Objects that the database names and that are not there, or are not what their names say.
    pub missing: Vec<String>,
}

/// Makes a backup of everything, as it is at this moment.
pub(crate) async fn make(storage: &Storage, path: &Path) -> Result<Made> {
    storage.require_current().await?;
    let mut file = Writing::begin(path)?;
    let snapshot = storage.moment().await?;
    let made_at = storage.database_time().await?.to_rfc3339();
    let mut named = BTreeSet::new();
    let mut tables = vec![];
    for shape in snapshot.tables().await? {
        let (mut pieces, mut piece, mut number) = (vec![], String::new(), 0_u32);
        let looks = !NO_OBJECTS.contains(&shape.name.as_str());
        let mut trouble = None;
        let rows = {
            let mut each = |line: String| {
                if looks {
                    hashes(&line, &mut named);
                }
                piece.push_str(&line);
                piece.push('\n');
                if piece.len() >= PIECE && trouble.is_none() {
                    number += 1;
                    let name = piece_name(&shape, number);
                    trouble = file.put(&name, piece.as_bytes()).err();
                    pieces.push(name);
                    piece.clear();
                }
                Ok(())
            };
            snapshot.rows(&shape, &mut each).await?
        };
        if let Some(trouble) = trouble {
            return Err(trouble.into());
        }
        if !piece.is_empty() {
            file.put(&piece_name(&shape, number + 1), piece.as_bytes())?;
        }
        tables.push(Copied { shape, rows });
    }
    let heads = snapshot.heads().await?;
    let schema = snapshot.schema().await?;
    drop(snapshot);

    let there = storage.objects().keys().await.context("列出数据目录中的文件")?;
    let (mut objects, mut missing) = (0, vec![]);
    for key in there.intersection(&named) {
        // Read twice rather than held: a file that is no longer what its name says must not be in the backup.
        match storage.objects().check(key).await {
            Ok(size) => {
                let (_, pieces) = storage.objects().get(key).await?;
                file.put_object(key, size, pieces).await?;
                objects += 1;
            }
            Err(error) => {
                tracing::error!(object = %key, %error, "an object could not be copied");
                missing.push(key.to_string());
            }
        }
    }
    missing.extend(
        storage
            .attached()
            .await?
            .into_iter()
            .filter(|sha| ObjectKey::try_from(sha.clone()).is_ok_and(|key| !there.contains(&key))),
    );
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        made_at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        tables,
        objects,
        heads,
        entries: file.entries(),
    };
    file.end(&manifest)?;
    Ok(Made { manifest, missing })
}

fn piece_name(shape: &Shape, number: u32) -> String {
    format!("rows/{}/{number:06}.jsonl", shape.name)
}

/// Everything in a line that could be the name of an object: 64 hexadecimal digits, neither more nor less.
fn hashes(line: &str, named: &mut BTreeSet<ObjectKey>) {
    let words = line.split(|c: char| !c.is_ascii_hexdigit());
    for word in words.filter(|word| word.len() == 64) {
        if let Ok(key) = ObjectKey::try_from(word.to_owned()) {
            named.insert(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_objects_are_found_wherever_they_stand() {
        let key = "a1".repeat(32);
        let mut named = BTreeSet::new();
        hashes(
            &format!(r#"{{"pdf":"{key}","x":"\"{}\"","y":"{key}0"}}"#, "b2".repeat(32)),
            &mut named,
        );
        assert_eq!(named.len(), 2);
    }
}
