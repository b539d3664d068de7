//! What the values of settings look like as text, and what they are.

pub(crate) use wenshu_http::Net;

use std::time::Duration;

/// Anything that a setting can be.
pub(crate) trait Kind: Sized {
    /// Reads it, or says in Chinese why it will not do.
    fn read(text: &str) -> Result<Self, String>;
}

/// A value that need only be readable.
pub(crate) fn check<T: Kind>(text: &str) -> Result<(), String> {
    T::read(text).map(drop)
}

impl Kind for String {
    fn read(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() { Err("不能为空".to_owned()) } else { Ok(text.to_owned()) }
    }
}

impl Kind for std::path::PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        String::read(text).map(Self::from)
    }
}

impl Kind for bool {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(format!("应当是 true 或 false，不能是“{other}”")),
        }
    }
}

impl Kind for std::net::SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("“{text}”不是地址，例如 127.0.0.1:8080"))
    }
}

impl Kind for u16 {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("“{text}”不是 0 到 65535 的整数"))
    }
}

/// How many, none among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(pub u32);

impl Kind for Count {
    fn read(text: &str) -> Result<Self, String> {
        match text.parse::<u32>() {
            Ok(number) if number <= 10_000 => Ok(Self(number)),
            Ok(_) | Err(_) => Err(format!("“{text}”不是 0 到 10000 的整数")),
        }
    }
}

impl Kind for u32 {
    fn read(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(0) | Err(_) => Err(format!("“{text}”不是正整数")),
            Ok(number) => Ok(number),
        }
    }
}

impl Kind for Duration {
    fn read(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[digits.len()..] {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => 0,
        };
        match digits.parse::<u32>() {
            Ok(number) if number > 0 && unit > 0 => {
                Ok(Duration::from_secs(u64::from(number) * unit))
            }
            Ok(_) | Err(_) => Err(format!("“{text}”不是时长，例如 90s、30m、12h、7d")),
        }
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub u64);

impl Kind for Size {
    fn read(text: &str) -> Result<Self, String> {
        let units = [("KB", 1024), ("MB", 1024 * 1024), ("GB", 1024 * 1024 * 1024)];
        let size = units.iter().find_map(|(unit, bytes)| {
            let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            number.checked_mul(*bytes).filter(|size| *size > 0)
        });
        size.map(Self).ok_or_else(|| format!("“{text}”不是大小，例如 512KB、100MB"))
    }
}

impl Kind for Net {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|()| format!("“{text}”不是地址或网段，例如 10.1.2.3 或 10.0.0.0/8"))
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($variant),* }
        impl Kind for $name {
            fn read(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    other => Err(format!("不能是“{other}”，可以写：{}", [$($word),*].join("、"))),
                }
            }
        }
    )*};
}
words! {
    /// How the log is written.
    LogFormat { Text = "text", Json = "json" }
    /// How the line to the mail server is protected.
    Protection { Nothing = "none", StartTls = "starttls", Tls = "tls" }
    /// A way by which notices go out.
    ChannelName { InApp = "in_app", Log = "log", Mail = "mail" }
}

/// A database: PostgreSQL's URL, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatabaseUrl(pub String);

impl Kind for DatabaseUrl {
    fn read(text: &str) -> Result<Self, String> {
        let known = match text.split_once("://") {
            Some(("postgres" | "postgresql" | "sqlite", rest)) => !rest.is_empty(),
            Some(_) => false,
            None => !text.trim_start_matches("sqlite:").is_empty(),
        };
        if known {
            return Ok(Self(text.to_owned()));
        }
        Err("请写成 postgres://用户:密码@主机/库名，或者一个 SQLite 文件的路径".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_url_of_postgresql_or_a_file() {
        for good in
            ["postgres://u:p@h/db", "postgresql://h/db", "sqlite://a.db", "sqlite:a.db", "a.db"]
        {
            assert_eq!(DatabaseUrl::read(good).map(|url| url.0).as_deref(), Ok(good));
        }
        for bad in ["mysql://h/db", "postgres://", "sqlite:", "", "http://h"] {
            assert!(DatabaseUrl::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_and_sizes_have_units() {
        assert_eq!(Duration::read("30m"), Ok(Duration::from_secs(1800)));
        assert_eq!(Size::read("100MB"), Ok(Size(104_857_600)));
        for bad in ["30", "m", "0s", "-1h", "1年", "99999999999d"] {
            assert!(Duration::read(bad).is_err(), "{bad}");
        }
        for bad in ["100", "MB", "0KB", "1TB", "99999999999999999GB"] {
            assert!(Size::read(bad).is_err(), "{bad}");
        }
    }
}
