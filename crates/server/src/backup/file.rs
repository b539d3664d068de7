//! The file itself: entries in, entries out, each with its hash; whatever is wrong with it in plain words.

use super::{Entry, FIRST, FORMAT, MANIFEST, Manifest};
use crate::trouble::Trouble;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use wenshu_storage::{Error, Hashing, ObjectKey};

/// Nothing that a backup holds is larger: rows are cut into pieces, attachments have their limit.
pub(super) const LARGEST: u64 = 1024 * 1024 * 1024;
/// How much is read at once.
const PIECE: usize = 256 * 1024;
/// Tar's entries begin at multiples of this.
const BLOCK: u64 = 512;

/// A backup that is being written, under a name that nobody takes for a whole one.
pub(super) struct Writing {
    tar: tar::Builder<zstd::Encoder<'static, BufWriter<File>>>,
    entries: BTreeMap<String, Entry>,
    part: PathBuf,
    whole: PathBuf,
    done: bool,
}

impl Writing {
    pub(super) fn begin(path: &Path) -> Result<Self, Trouble> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let wrong = |source| Trouble::NoBackup { path: path.to_owned(), source };
        if path.exists() {
            return Err(wrong(io::ErrorKind::AlreadyExists.into()));
        }
        let file = private(&part).map_err(wrong)?;
        let mut zstd = zstd::Encoder::new(BufWriter::new(file), 3).map_err(wrong)?;
        zstd.include_checksum(true).map_err(wrong)?;
        let tar = tar::Builder::new(zstd);
        let entries = BTreeMap::new();
        let mut writing = Self { tar, entries, part, whole: path.to_owned(), done: false };
        writing.put(FIRST, format!("{FORMAT}\n").as_bytes())?;
        Ok(writing)
    }

    /// Adds an entry.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        self.append(name, bytes).map_err(|source| self.wrong(source))?;
        let sm3 = ObjectKey::of(bytes).to_string();
        self.entries.insert(name.to_owned(), Entry { size: bytes.len() as u64, sm3 });
        Ok(())
    }

    /// Adds an object as it comes, without holding it in memory.
    pub(super) async fn put_object(
        &mut self,
        key: &ObjectKey,
        size: u64,
        pieces: impl Stream<Item = Result<Bytes, Error>>,
    ) -> anyhow::Result<()> {
        let name = format!("objects/{key}");
        let mut header = header(size);
        header.set_path(&name).map_err(|source| self.wrong(source))?;
        header.set_cksum();
        self.write(header.as_bytes())?;
        let (mut hashing, mut there) = (Hashing::default(), 0);
        let mut pieces = std::pin::pin!(pieces);
        while let Some(piece) = pieces.try_next().await? {
            hashing.update(&piece);
            there += piece.len() as u64;
            self.write(&piece)?;
        }
        if there != size || hashing.key() != *key {
            return Err(Error::NoObject(format!("{key} (changed while it was copied)")).into());
        }
        let rest = usize::try_from(size.next_multiple_of(BLOCK) - size)?;
        self.write(&vec![0; rest])?;
        self.entries.insert(name, Entry { size, sm3: key.to_string() });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.tar.get_mut().write_all(bytes).map_err(|source| self.wrong(source))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.tar.append_data(&mut header(bytes.len() as u64), name, bytes)
    }

    pub(super) fn entries(&self) -> BTreeMap<String, Entry> {
        self.entries.clone()
    }

    /// Writes the manifest and gives the file its name, once all of it lies on the disk.
    pub(super) fn end(mut self, manifest: &Manifest) -> Result<(), Trouble> {
        let text = serde_json::to_vec_pretty(manifest)
            .map_err(|error| self.wrong(io::Error::other(error)))?;
        self.append(MANIFEST, &text).map_err(|source| self.wrong(source))?;
        self.done = true;
        let (part, whole) = (self.part.clone(), self.whole.clone());
        let wrong = |source| Trouble::NoBackup { path: whole.clone(), source };
        let finished = self.finish();
        let checked = finished.map_err(wrong).and_then(|()| read(&part, &mut |_| Ok(())));
        match checked {
            Ok(read) if read == *manifest => {}
            Ok(_) => {
                discard(&part);
                return Err(Trouble::BadBackup {
                    path: whole, why: "写入后核对不一致".to_owned()
                });
            }
            Err(trouble) => {
                discard(&part);
                return Err(trouble);
            }
        }
        std::fs::rename(&part, &whole).map_err(wrong)?;
        let directory = whole.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))
            .and_then(|file| file.sync_all())
            .map_err(wrong)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.tar.finish()?;
        // What the compressor still holds, and then what the system does.
        let zstd = self.tar.get_mut();
        zstd.do_finish()?;
        zstd.get_mut().flush()?;
        zstd.get_ref().get_ref().sync_all()
    }

    fn wrong(&self, source: io::Error) -> Trouble {
        Trouble::NoBackup { path: self.whole.clone(), source }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.done {
            discard(&self.part);
        }
    }
}

fn discard(part: &Path) {
    if let Err(error) = std::fs::remove_file(part) {
        tracing::warn!(%error, "a half-written backup could not be taken away");
    }
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_cksum();
    header
}

/// Readable by its owner alone: it holds everything.
fn private(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What a backup holds, a piece after the other.
pub(crate) enum Piece<'a> {
    /// An entry of this name begins.
    Begins(&'a str),
    Bytes(&'a [u8]),
    Ends,
}

/// Takes the pieces.
type Each<'a> = dyn FnMut(Piece<'_>) -> Result<(), Trouble> + 'a;

/// Reads a backup to its end and holds it against its manifest. Every entry is handed over before the manifest is
/// known: whoever needs to be sure reads twice.
pub(crate) fn read(path: &Path, each: &mut Each<'_>) -> Result<Manifest, Trouble> {
    let bad = |why: &str| Trouble::BadBackup { path: path.to_owned(), why: why.to_owned() };
    let broken = |_: io::Error| bad("文件损坏或不完整");
    let file =
        File::open(path).map_err(|source| Trouble::Unreadable { path: path.to_owned(), source })?;
    let zstd = zstd::Decoder::new(BufReader::new(file)).map_err(|_| bad("不是文枢的备份"))?;
    let mut tar = tar::Archive::new(zstd);
    let mut entries = BTreeMap::new();
    let mut manifest: Option<Manifest> = None;
    let mut buffer = vec![0; PIECE];
    for (at, entry) in tar.entries().map_err(broken)?.enumerate() {
        let mut entry = entry.map_err(|_| {
            if at == 0 { bad("不是文枢的备份") } else { bad("文件损坏或不完整") }
        })?;
        let name = entry.path().map_err(broken)?.display().to_string();
        let size = entry.size();
        if size > LARGEST || manifest.is_some() {
            return Err(bad("文件中有不该有的内容"));
        }
        // These two are read whole; the others only pass by.
        let ours = at == 0 || name == MANIFEST;
        let (mut whole, mut hashing, mut there) = (vec![], Hashing::default(), 0);
        if !ours {
            each(Piece::Begins(&name))?;
        }
        loop {
            let count = entry.read(&mut buffer).map_err(broken)?;
            let piece = &buffer[..count];
            if piece.is_empty() {
                break;
            }
            there += piece.len() as u64;
            hashing.update(piece);
            if ours {
                whole.extend_from_slice(piece);
            } else {
                each(Piece::Bytes(piece))?;
            }
        }
        if there != size {
            return Err(bad("文件损坏或不完整"));
        }
        if at == 0 && (name != FIRST || whole != format!("{FORMAT}\n").as_bytes()) {
            return Err(bad("不是文枢的备份，或者是其他版本的格式"));
        }
        if name == MANIFEST {
            manifest = Some(serde_json::from_slice(&whole).map_err(|_| bad("清单损坏"))?);
            continue;
        }
        let sm3 = hashing.key().to_string();
        if entries.insert(name, Entry { size, sm3 }).is_some() {
            return Err(bad("文件中有不该有的内容"));
        }
        if !ours {
            each(Piece::Ends)?;
        }
    }
    // The compressor's own sum stands at the very end.
    let mut rest = vec![];
    tar.into_inner().take(1024 * 1024).read_to_end(&mut rest).map_err(broken)?;
    let manifest = manifest.ok_or_else(|| bad("文件不完整，缺少清单"))?;
    if manifest.format != FORMAT
        || manifest.entries != entries
        || rest.iter().any(|byte| *byte != 0)
    {
        return Err(bad("内容与清单不符"));
    }
    Ok(manifest)
}
