//! What can go wrong at the command line, as one Chinese paragraph: what happened, and what to do about it.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    path::PathBuf,
};
use wenshu_storage::Error as Storage;

/// Trouble that only the server knows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(
        "端口 {0} 已被其他程序占用。请先停止那个程序，或用 --listen 换一个地址，例如 --listen 127.0.0.1:8081。"
    )]
    PortInUse(SocketAddr),
    #[error(
        "不能在 {address} 上监听（{}）。请用 --listen 换一个地址，例如 --listen 127.0.0.1:8080。",
        words(source)
    )]
    NoListening { address: SocketAddr, source: io::Error },
    #[error("数据目录 {} 不能写入（{}）。请检查该目录的权限和磁盘空间，或用 --data 指定另一个目录。", path.display(), words(source))]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("{}", settings(.0))]
    Settings(Vec<String>),
    #[error(
        "看不懂 --database 给出的数据库“{0}”。请写成 postgres://用户:密码@主机/库名，或者一个 SQLite 文件的路径。"
    )]
    BadDatabase(String),
    #[error("上次装入演示城市时中断，库里的数据不完整，不能使用。请删除数据目录 {}（使用 PostgreSQL 的，请清空该数据库）后重新启动。", .0.display())]
    HalfSeeded(PathBuf),
    #[error("数据库不是空的，不能再装入演示城市。请换一个空的数据库，或用 --data 指定另一个目录。")]
    NotEmpty,
    #[error("备份文件 {} 不能写入（{}）。请换一个文件名，或检查目录的权限和磁盘空间。", path.display(), words(source))]
    NoBackup { path: PathBuf, source: io::Error },
    #[error(
        "没有说备份到哪里。请写明文件名，例如 wenshu backup 今天.backup，或在配置中写 backup.dir。"
    )]
    NoBackupName,
    #[error("没有登录名为“{0}”的账号。用 wenshu account list 查看全部账号。")]
    NoAccount(String),
    #[error("没有标识为“{0}”的人员。人员标识就是人员表中的“人员编号”，可在“机构”页导出查看。")]
    NoPerson(String),
    #[error("“{0}”不是邮件地址。请写成 名称@单位域名 的样子。")]
    BadAddress(String),
    #[error("备份 {} 不能恢复：{why}。没有改动任何数据；请换一份完整的备份。", path.display())]
    BadBackup { path: PathBuf, why: String },
    #[error(
        "{0}不是空的。备份只能恢复到空的数据库和空的数据目录，请用 --database 和 --data 另指一处。"
    )]
    NotEmptyPlace(String),
    #[error("还没有任何办理记录，做不了锚。")]
    NothingToAnchor,
    #[error("{} 不是锚文件，或者已经损坏。请用 wenshu audit anchor --export 另存的文件。", .0.display())]
    BadAnchor(PathBuf),
    #[error("读不了文件 {}（{}）。请检查文件名和权限。", path.display(), words(source))]
    Unreadable { path: PathBuf, source: io::Error },
}

impl Trouble {
    /// What was given may hold a password: only the beginning and what follows the password is shown.
    pub(crate) fn bad_database(given: &str) -> Self {
        let shown = match (given.split_once("://"), given.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => format!("{scheme}://…@{place}"),
            (_, _) => given.to_owned(),
        };
        Self::BadDatabase(shown)
    }
}

/// One problem in one line, several as a list.
fn settings(problems: &[String]) -> String {
    match problems {
        [one] => format!("配置有错误：{one}"),
        all => format!("配置有 {} 处错误：\n{}", all.len(), all.join("\n")),
    }
}

/// What the system says, in Chinese where that is known.
fn words(error: &io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::NotFound => "不存在",
        ErrorKind::AlreadyExists => "已经有这个文件",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::NotADirectory => "上级不是目录",
        ErrorKind::IsADirectory => "这是一个目录",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::ReadOnlyFilesystem => "文件系统只读",
        ErrorKind::AddrNotAvailable => "本机没有这个地址",
        ErrorKind::InvalidData => "不是 UTF-8 文字",
        _ => return error.to_string(),
    };
    known.to_owned()
}

/// The paragraph for whatever ended a subcommand.
pub(crate) fn explain(error: &anyhow::Error) -> String {
    let ours = error.chain().find_map(|cause| cause.downcast_ref::<Trouble>());
    if let Some(trouble) = ours {
        return trouble.to_string();
    }
    let stored =
        error.chain().find_map(|cause| match cause.downcast_ref::<wenshu_office::Error>() {
            Some(wenshu_office::Error::Storage(error)) => Some(error),
            _ => cause.downcast_ref::<Storage>(),
        });
    let known = stored.and_then(of_storage);
    known.unwrap_or_else(|| format!("没有办成：{}。", causes(error).trim_end_matches(['。', '.'])))
}

fn of_storage(error: &Storage) -> Option<String> {
    let text = match error {
        Storage::Unreachable { database, source } => unreachable(database, &root(source)),
        Storage::Unwritable { path, source } => {
            let source = io::Error::new(source.kind(), source.to_string());
            Trouble::Unwritable { path: path.clone(), source }.to_string()
        }
        Storage::Newer { change } => format!(
            "数据库是更新版本的文枢建立的（其中有本程序不认识的变更 {change}）。请使用更新的程序；旧程序不会改动这个数据库。"
        ),
        Storage::Behind { changes } => format!(
            "数据库还没有升级到本程序的版本（还差 {} 项变更）。请先备份，再运行 wenshu migrate。",
            changes.len()
        ),
        Storage::Database { doing, source } => {
            let why = root(source);
            let hint = if why.contains("locked") || why.contains("busy") {
                "另一个程序正占用数据库，请先停止它。"
            } else if why.contains("full") || why.contains("No space") {
                "磁盘已满，请清理后重试。"
            } else if why.contains("permission denied") || why.contains("readonly") {
                "数据库用户没有足够的权限，请检查。"
            } else {
                "请检查数据库是否正常。"
            };
            format!("数据库拒绝了操作（{doing}：{why}）。{hint}")
        }
        _ => return None,
    };
    Some(text)
}

fn unreachable(database: &str, why: &str) -> String {
    if why.contains("configuration") || why.contains("invalid port") {
        return Trouble::bad_database(database).to_string();
    }
    if !database.contains("://") {
        return format!(
            "数据库文件 {database} 打不开（{why}）。请检查它是不是文枢的数据库，以及文件的权限。"
        );
    }
    let reason = if why.contains("refused") {
        "那里没有数据库在应答"
    } else if why.contains("timed out") {
        "连接超时"
    } else if why.contains("password") || why.contains("authentication") {
        "用户名或密码不对"
    } else if why.contains("does not exist") {
        "库或用户不存在"
    } else {
        "没有连上"
    };
    format!(
        "连不上数据库 {database}：{reason}（{why}）。请检查数据库是否已经启动，以及 --database 中的地址、库名、用户名和密码。"
    )
}

/// The innermost cause, which says most.
fn root(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(deeper) = at.source() {
        at = deeper;
    }
    at.to_string()
}

/// Every cause that adds something, outermost first.
fn causes(error: &anyhow::Error) -> String {
    let mut all: Vec<String> = vec![];
    for cause in error.chain().map(ToString::to_string) {
        if all.last().is_none_or(|last| !last.contains(&cause)) {
            all.push(cause);
        }
    }
    all.join("：")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let shown = Trouble::bad_database("mysql://root:secret@host/db").to_string();
        assert!(shown.contains("mysql://…@host/db") && !shown.contains("secret"), "{shown}");
    }

    #[test]
    fn what_nobody_foresaw_is_told_with_its_causes() {
        let error = anyhow::anyhow!("第三行不通").context("部署流程");
        assert_eq!(explain(&error), "没有办成：部署流程：第三行不通。");
    }
}
