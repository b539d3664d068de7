//! The example file, made from the table of settings, and a value as it may be shown.

use super::{
    Held, Origin,
    table::{Nature, SETTINGS, Setting},
};

/// The example: every setting with what it is for, commented out.
pub(crate) fn example() -> String {
    let mut text = "# 文枢的配置文件。去掉行首的“# ”即可启用一项；没有写的用默认值。\n\
        # 命令行参数优先于环境变量，环境变量优先于本文件。用 wenshu config check 检查，用 wenshu config show 查看实际生效的值。\n"
        .to_owned();
    let mut section = "";
    for setting in SETTINGS {
        let (within, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if within != section {
            section = within;
            text.push('\n');
            if !section.is_empty() {
                text.push_str(&format!("# {section}:\n"));
            }
        } else if within.is_empty() {
            text.push('\n');
        }
        let indent = if within.is_empty() { "" } else { "  " };
        let value = shown(setting);
        text.push_str(&format!(
            "# {indent}# {}；环境变量 {}\n# {indent}{name}:{}{value}\n",
            setting.help,
            setting.variable(),
            if value.is_empty() { "" } else { " " },
        ));
    }
    text
}

fn shown(setting: &Setting) -> String {
    match setting.default {
        Some(default) if setting.nature == Nature::List => format!("[{}]", quoted(default)),
        Some(default) => default.to_owned(),
        None => setting.example.to_owned(),
    }
}

/// `::1` in a list would be read as something else.
fn quoted(list: &str) -> String {
    let item =
        |item: &str| if item.contains(':') { format!("\"{item}\"") } else { item.to_owned() };
    list.split(',').map(str::trim).map(item).collect::<Vec<_>>().join(", ")
}

impl Held {
    /// The value without secrets.
    pub(crate) fn masked(&self) -> String {
        match (&self.text, self.setting.nature) {
            (None, _) => "（未设置）".to_owned(),
            (Some(_), Nature::Secret) => "******".to_owned(),
            (Some(text), Nature::Database) => without_password(text),
            (Some(text), _) => text.clone(),
        }
    }

    /// Where it is from, in Chinese.
    pub(crate) fn whence(&self) -> String {
        match self.origin {
            Origin::Flag => format!("命令行 --{}", self.setting.flag()),
            Origin::Variable => format!("环境变量 {}", self.setting.variable()),
            Origin::File { line } => format!("配置文件第{line}行"),
            Origin::Default => "默认".to_owned(),
        }
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let hidden = match rest.rsplit_once('@') {
        Some((user, place)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{user}:******@{place}")
        }
        None => rest.to_owned(),
    };
    match hidden.split_once("password=") {
        Some((before, after)) => {
            let rest =
                after.split_once('&').map(|(_, rest)| format!("&{rest}")).unwrap_or_default();
            format!("{scheme}://{before}password=******{rest}")
        }
        None => format!("{scheme}://{hidden}"),
    }
}
