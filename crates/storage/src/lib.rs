//! What lasts: event streams with their hash chain, projections, numbers, search, jobs, objects; on SQLite or PostgreSQL.
//! Everything that writes goes through [`Storage::commit`] with a write set; what an act means is not known here.

pub mod anchor;
pub mod chain;
mod changes;
mod commit;
mod error;
mod notify;
mod objects;
mod open;
mod read;
mod rebuild;
mod rows;
mod search;
pub mod snapshot;
mod stream;
mod table;
mod watch;
mod work;
mod writes;

pub use changes::Changed;
pub use error::{Cause, Error};
pub use objects::{Hashing, ObjectKey, Objects, Stored};
pub use open::{Alone, Settings, Storage, Told, Watch};
pub use read::{
    access::Viewer,
    page::{Page, Slice},
    register::{JournalFilter, Uses},
    search::Hit,
    streams::Verified,
    worklist::{Counts, Due, Filter, Listed, Sort, Worklist},
    workshop::InFlight,
};
pub use rebuild::Projection;
pub use rows::*;
pub use search::SearchText;
pub use stream::{Append, Head, NewEvent, StoredEvent, StreamId, StreamKind};
pub use table::{Json, Row};
pub use watch::{Overdue, Queue, Vitals};
pub use work::{Failed, at_once};
pub use writes::{
    Act, Allot, Allotted, Committed, Finish, Key, KnownKey, RESERVED, Refused, RowChanges, Then,
    VOID, Writes,
};
