//! A zip archive as XLSX uses it. What the archive says of inflated sizes is not believed: inflating stops at a budget
//! that all its parts share, so no archive costs more than that, whatever it claims.

use super::Unreadable;
use flate2::{Compression, Crc, read::DeflateDecoder, write::DeflateEncoder};
use std::{
    cell::Cell,
    io::{self, Read, Write},
    rc::Rc,
};

/// All parts together, inflated. Files within the limits of rows and cells are far smaller.
pub(super) const BUDGET: u64 = 200 * 1024 * 1024;
/// From one tag to the next: so much is held in memory at once.
const LONGEST_PIECE: u64 = 1024 * 1024;
const MOST_PARTS: usize = 2_000;

const END: &[u8; 4] = b"PK\x05\x06";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";

/// An archive in memory.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    parts: Vec<Part>,
    left: Rc<Cell<u64>>,
}

struct Part {
    name: String,
    deflated: bool,
    packed: usize,
    at: usize,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let broken = || Unreadable::new("文件不是有效的 XLSX");
        let tail = bytes.len().saturating_sub(65_557);
        let end = bytes[tail..].windows(4).rposition(|four| four == END).ok_or_else(broken)? + tail;
        let count = usize::from(u16_at(bytes, end + 10).ok_or_else(broken)?);
        let mut at = u32_at(bytes, end + 16).ok_or_else(broken)? as usize;
        if count > MOST_PARTS {
            return Err(Unreadable::new("XLSX 文件的部件太多"));
        }
        let mut parts = vec![];
        for _ in 0..count {
            let head = bytes.get(at..at.saturating_add(46)).ok_or_else(broken)?;
            if &head[..4] != CENTRAL {
                return Err(broken());
            }
            let two = |offset| u16_at(head, offset).map(usize::from).ok_or_else(broken);
            let (name, extra, comment) = (two(28)?, two(30)?, two(32)?);
            if two(8)? & 1 == 1 {
                return Err(Unreadable::new("XLSX 文件加了密，请先去掉密码"));
            }
            let text = bytes.get(at + 46..at + 46 + name).ok_or_else(broken)?;
            parts.push(Part {
                name: String::from_utf8_lossy(text).into_owned(),
                deflated: match two(10)? {
                    0 => false,
                    8 => true,
                    _ => return Err(broken()),
                },
                packed: u32_at(head, 20).ok_or_else(broken)? as usize,
                at: u32_at(head, 42).ok_or_else(broken)? as usize,
            });
            at += 46 + name + extra + comment;
        }
        Ok(Self { bytes, parts, left: Rc::new(Cell::new(BUDGET)) })
    }

    /// A part, inflated as it is read; none if there is no such part.
    pub(super) fn part(&self, name: &str) -> Result<Option<Inflating<'a>>, Unreadable> {
        let broken = || Unreadable::new("文件不是有效的 XLSX");
        let Some(part) = self.parts.iter().find(|part| part.name == name) else { return Ok(None) };
        let head = self.bytes.get(part.at..part.at.saturating_add(30)).ok_or_else(broken)?;
        if &head[..4] != LOCAL {
            return Err(broken());
        }
        let two = |offset| u16_at(head, offset).map(usize::from).ok_or_else(broken);
        let start = part.at + 30 + two(26)? + two(28)?;
        let packed = self.bytes.get(start..).ok_or_else(broken)?;
        let packed = packed.get(..part.packed).unwrap_or(packed);
        let source: Box<dyn Read + 'a> =
            if part.deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
        let (left, piece) = (Rc::clone(&self.left), Rc::default());
        Ok(Some(Inflating { source, left, piece }))
    }
}

/// Content that counts what it inflates.
pub(super) struct Inflating<'a> {
    source: Box<dyn Read + 'a>,
    left: Rc<Cell<u64>>,
    piece: Rc<Cell<u64>>,
}

impl Inflating<'_> {
    /// How much was inflated since the last tag; whoever reads tags sets it back.
    pub(super) fn piece(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.piece)
    }
}

/// Said by the reader when the budget is used up.
pub(super) const TOO_MUCH: &str = "inflates to too much";

impl Read for Inflating<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.piece.set(self.piece.get() + read as u64);
        match self.left.get().checked_sub(read as u64) {
            Some(left) if self.piece.get() <= LONGEST_PIECE => self.left.set(left),
            Some(_) | None => return Err(io::Error::other(TOO_MUCH)),
        }
        Ok(read)
    }
}

/// Packs parts into an archive.
pub(super) fn pack(parts: &[(String, String)]) -> io::Result<Vec<u8>> {
    let (mut bytes, mut central) = (vec![], vec![]);
    for (name, content) in parts {
        let mut crc = Crc::new();
        crc.update(content.as_bytes());
        let mut encoder = DeflateEncoder::new(vec![], Compression::fast());
        encoder.write_all(content.as_bytes())?;
        let packed = encoder.finish()?;
        let mut shared = vec![];
        // Version, UTF-8 names, deflated, 1980-01-01.
        for two in [20_u16, 0x0800, 8, 0, 0x21] {
            shared.extend(two.to_le_bytes());
        }
        for four in [crc.sum(), small(packed.len())?, small(content.len())?] {
            shared.extend(four.to_le_bytes());
        }
        shared.extend((u16::try_from(name.len()).map_err(io::Error::other)?).to_le_bytes());
        shared.extend(0_u16.to_le_bytes());
        central.extend(CENTRAL);
        central.extend(20_u16.to_le_bytes());
        central.extend(&shared);
        central.extend([0_u8; 10]);
        central.extend(small(bytes.len())?.to_le_bytes());
        central.extend(name.as_bytes());
        bytes.extend(LOCAL);
        bytes.extend(&shared);
        bytes.extend(name.as_bytes());
        bytes.extend(packed);
    }
    let (at, size) = (small(bytes.len())?, small(central.len())?);
    let count = u16::try_from(parts.len()).map_err(io::Error::other)?;
    bytes.extend(central);
    bytes.extend(END);
    bytes.extend([0_u8; 4]);
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    Ok(bytes)
}

fn small(size: usize) -> io::Result<u32> {
    u32::try_from(size).map_err(io::Error::other)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
