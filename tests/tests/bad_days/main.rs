//! Bad days: too much, too slow, too full, too late. Each is lived through by the real binary, on both databases where
//! a database matters.

mod clock;
mod desks;
mod full_disk;
mod hand_over;
mod log;
mod proxy;
mod restart;
mod strangers;
mod too_large;
mod upgrade;
mod waiting;

use serde_json::Value as Json;

/// Plays a test on every database at hand.
macro_rules! on_both {
    ($($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $name() -> anyhow::Result<()> {
            for backend in wenshu_testkit::Backend::all() {
                let played = Box::pin(played::$name(backend)).await;
                played.map_err(|error| error.context(format!("on {backend:?}")))?;
            }
            Ok(())
        }
    )*};
}
pub(crate) use on_both;

/// The list in a JSON value, or none.
pub(crate) fn list(value: &Json) -> &[Json] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
