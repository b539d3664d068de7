//! What the three administrators do: the directory as they see it and its changes, imports, accounts, hand-overs,
//! registers, and the journal. Whose right each is, is decided in the core and the office.

pub mod accounts;
pub mod change;
pub mod directory;
pub mod hand_over;
pub mod import;
pub mod journal;
pub mod numbers;
pub mod seals;
