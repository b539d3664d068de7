//! What the command line says of the settings: one flag for each, made from the table.

use super::table::{Nature, SETTINGS, Setting};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint};
use std::{collections::BTreeMap, path::PathBuf};

/// The flags that were given. `ALL`: those of the server too, not only those of the data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    flags: BTreeMap<&'static str, String>,
    file: Option<PathBuf>,
}

impl Given {
    pub(crate) fn flag(&self, setting: &Setting) -> Option<&str> {
        self.flags.get(setting.key).map(String::as_str)
    }

    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.file.clone()
    }

    #[cfg(test)]
    pub(super) fn of(flags: &[(&'static str, &str)], file: Option<PathBuf>) -> Self {
        Self { flags: flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect(), file }
    }
}

fn argument(setting: &'static Setting) -> Arg {
    let shown = match setting.default {
        Some(default) => {
            format!("{} [默认：{default}] [环境变量：{}]", setting.help, setting.variable())
        }
        None => format!("{} [环境变量：{}]", setting.help, setting.variable()),
    };
    let argument = Arg::new(setting.key).long(setting.flag()).help(shown);
    match setting.nature {
        // `--secure-cookies` alone is enough.
        Nature::Switch => {
            argument.num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        Nature::List => argument.value_name("VALUE,…").action(ArgAction::Append),
        Nature::Path => argument.value_name("PATH").value_hint(ValueHint::AnyPath),
        Nature::Database => argument.value_name("URL"),
        Nature::Plain => argument.value_name("VALUE"),
        // Others on the machine could read it from the list of processes.
        Nature::Secret => argument.value_name("VALUE").hide(true),
    }
}

fn augment(command: Command, all: bool) -> Command {
    let file = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_hint(ValueHint::FilePath)
        .help("配置文件 [默认：数据目录下的 wenshu.yaml] [环境变量：WENSHU_CONFIG]");
    SETTINGS
        .iter()
        .filter(|setting| setting.nature != Nature::Secret && (all || setting.common()))
        .fold(command.arg(file), |command, setting| command.arg(argument(setting)))
}

fn read(matches: &ArgMatches) -> Given {
    let mut given = Given::default();
    for setting in SETTINGS {
        if let Ok(Some(values)) = matches.try_get_many::<String>(setting.key) {
            let values: Vec<&str> = values.map(String::as_str).collect();
            given.flags.insert(setting.key, values.join(","));
        }
    }
    given.file = matches.get_one::<String>("config").map(PathBuf::from);
    given
}

/// Flags of every subcommand that touches data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common(pub Given);

/// Flags of the server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Every(pub Given);

macro_rules! flags {
    ($($name:ident: $all:literal)*) => {$(
        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Ok(Self(read(matches)))
            }
            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                self.0 = read(matches);
                Ok(())
            }
        }
        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                augment(command, $all)
            }
            fn augment_args_for_update(command: Command) -> Command {
                augment(command, $all)
            }
        }
    )*};
}
flags! { Common: false Every: true }
