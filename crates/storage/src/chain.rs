//! The hash chain of a stream: what is hashed, and how a stored stream is held against it. Pure.
//! It finds what was changed, taken out or added since; a stream rewritten whole with its head is found by anchors only.

use crate::stream::{Head, StoredEvent, StreamId};
use serde::Serialize;
use sm3::{Digest, Sm3};

/// The only algorithm so far.
pub const SM3: &str = "sm3";

/// The hash of one event, as lower-case hex.
///
/// Hashed are, in this order, `alg`, stream id, seq in decimal, `prev` in hex and the payload, each as a netstring:
/// its length in bytes in decimal, `:`, its bytes, `,`. The lengths keep one part from flowing into the next.
#[must_use]
pub fn hash(alg: &str, stream: &StreamId, seq: u64, prev: &str, payload: &str) -> String {
    let mut sm3 = Sm3::new();
    for part in [alg, stream.as_str(), &seq.to_string(), prev, payload] {
        sm3.update(part.len().to_string());
        sm3.update(":");
        sm3.update(part);
        sm3.update(",");
    }
    hex(&sm3.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(digits).map(char::from).collect()
}

/// The first thing wrong in a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    pub stream: StreamId,
    pub seq: u64,
    pub wrong: Wrong,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// An event between is missing, or there is one too many.
    Gap,
    /// `prev` is not the hash of the event before.
    Link,
    /// Payload, time or number are not what was hashed.
    Content,
    /// An algorithm that we do not know.
    Algorithm,
    /// The stream says that it has more or fewer events: its end was removed, or added to.
    Version,
    /// The stream names another last hash.
    Head,
    /// Events without a stream.
    Orphan,
}

/// Walks along a stream event by event, so that a long one need not be held in memory.
#[derive(Clone, Debug)]
pub struct Walk {
    stream: StreamId,
    at: Head,
}

impl Walk {
    #[must_use]
    pub fn new(stream: StreamId) -> Self {
        Self { stream, at: Head::new_stream() }
    }

    /// Holds the next event against what came before.
    pub fn step(&mut self, event: &StoredEvent) -> Result<(), Broken> {
        let seq = self.at.version + 1;
        let wrong = if event.seq != seq {
            Wrong::Gap
        } else if event.alg != SM3 {
            Wrong::Algorithm
        } else if event.prev != self.at.hash {
            Wrong::Link
        } else if event.hash != hash(&event.alg, &self.stream, seq, &event.prev, &event.payload) {
            Wrong::Content
        } else {
            self.at = Head { version: seq, hash: event.hash.clone() };
            return Ok(());
        };
        Err(Broken { stream: self.stream.clone(), seq, wrong })
    }

    /// Holds the end against what the stream says of itself.
    pub fn end(self, head: &Head) -> Result<Head, Broken> {
        let wrong = if head.version != self.at.version {
            Wrong::Version
        } else if head.hash != self.at.hash {
            Wrong::Head
        } else {
            return Ok(self.at);
        };
        Err(Broken { stream: self.stream, seq: self.at.version + 1, wrong })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_flow_into_each_other() {
        let stream = |id: &str| StreamId(id.to_owned());
        assert_ne!(hash(SM3, &stream("a"), 1, "", "1b"), hash(SM3, &stream("a"), 11, "", "b"));
        assert_ne!(hash(SM3, &stream("ab"), 1, "", ""), hash(SM3, &stream("a"), 1, "b", ""));
    }

    #[test]
    fn the_hash_is_for_ever() {
        let stream = StreamId("6f9619ff-8b86-4011-b42d-00c04fc964ff".to_owned());
        let mut sm3 = Sm3::new();
        sm3.update("3:sm3,36:6f9619ff-8b86-4011-b42d-00c04fc964ff,1:7,2:ab,9:同意。,");
        assert_eq!(hash(SM3, &stream, 7, "ab", "同意。"), hex(&sm3.finalize()));
    }
}
