//! Stories told over HTTP, each on SQLite and on PostgreSQL.

mod bad_input;
mod five_flows;
mod kill;
mod mail;
mod mail_guarded;
mod main_job;
mod offers;
mod once;
mod operator;
mod race;
mod stranger;
mod two_nodes;
mod workshop;

use serde_json::Value as Json;
use wenshu_core::value::{Facts, Value};

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

/// The fields of the notice that the stories send.
pub(crate) fn given(recipients: &[String], countersigners: &[&str]) -> Facts {
    let text = |text: &str| Value::Text(text.to_owned());
    let units = countersigners.iter().map(|unit| (*unit).to_owned()).collect();
    Facts::from([
        ("title".to_owned(), text("云州市人民政府关于做好汛期安全工作的通知")),
        ("kind".to_owned(), text("通知")),
        ("urgency".to_owned(), text("加急")),
        ("organ".to_owned(), text("市政府")),
        ("recipients".to_owned(), Value::List(recipients.to_vec())),
        ("cc".to_owned(), Value::List(vec!["司法局".to_owned()])),
        ("countersign_units".to_owned(), Value::List(units)),
        (
            "body".to_owned(),
            text(
                "一、提高认识\n各部门要落实汛期值守责任，排查积水点。\n二、加强值守\n实行领导带班制度。",
            ),
        ),
    ])
}

/// From the clerk's desk into the 会签, and back to it from one of its branches.
pub(crate) const SENT_BACK: &str = "
    林晓 提交 请审 -> 周明@处室审核
    周明 同意 拟同意 -> 财政局@会签, 司法局@会签, 教育局@会签
    司法局 同意 无意见 -> 财政局@会签, 教育局@会签
    钱浩 认领 -> 钱浩@会签, 教育局@会签
    钱浩 退回 拟稿 请写明经费来源 -> 林晓@拟稿, 教育局@会签
    教育局 同意 -> 林晓@拟稿";
