//! Reads a file of settings: nested keys with one value or a list each, as strictly as workflow files are read. What
//! the settings mean is not known here; whoever reads says which there are and what their values may be.

use crate::compile::{
    Problem, Problems, nearest,
    read::scalar,
    tree::{self, Key, Kind, Node},
};
use std::{collections::BTreeMap, ops::Range};

/// A setting that the file may hold.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// With its sections, e.g. `mail.host`.
    pub key: &'static str,
    /// Several values may be given.
    pub list: bool,
    /// Says in Chinese why a value cannot be taken.
    pub check: fn(&str) -> Result<(), String>,
}

/// A setting as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub values: Vec<String>,
    /// Line and column, from 1.
    pub place: (usize, usize),
}

/// Reads the settings, or says all that is wrong with the file. A file without any setting is a good file.
///
/// # Errors
/// Every problem with its place.
pub fn read(source: &str, known: &[Known]) -> Result<BTreeMap<&'static str, Found>, Vec<Problem>> {
    let empty = source.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
    if empty {
        return Ok(BTreeMap::new());
    }
    let mut problems = Problems::new(source);
    let Some(root) = tree::parse(&mut problems) else { return Err(problems.finish()) };
    let mut reader = Reader { known, problems, found: BTreeMap::new() };
    reader.section("", &root);
    if reader.problems.is_empty() { Ok(reader.found) } else { Err(reader.problems.finish()) }
}

struct Reader<'a> {
    known: &'a [Known],
    problems: Problems<'a>,
    found: BTreeMap<&'static str, Found>,
}

impl Reader<'_> {
    fn section(&mut self, prefix: &str, node: &Node) {
        let entries = match &node.kind {
            Kind::Map(entries) => entries,
            Kind::Nothing if !prefix.is_empty() => return,
            Kind::Nothing | Kind::Scalar { .. } | Kind::List(_) => {
                let what = if prefix.is_empty() { "配置文件" } else { prefix };
                let message = format!("{what}应当是键值（键: 值），这里是{}", node.title());
                self.problems.add("wrong_type", &node.at, message, None);
                return;
            }
        };
        for (at, (key, value)) in entries.iter().enumerate() {
            if entries[..at].iter().any(|(other, _)| other.name == key.name) {
                let message = format!("键“{}”重复", key.name);
                let hint = Some("同一层中每个键只写一次".to_owned());
                self.problems.add("duplicate_key", &key.at, message, hint);
            } else {
                self.entry(prefix, key, value);
            }
        }
    }

    fn entry(&mut self, prefix: &str, key: &Key, value: &Node) {
        let name =
            if prefix.is_empty() { key.name.clone() } else { format!("{prefix}.{}", key.name) };
        if let Some(known) = self.known.iter().find(|known| known.key == name) {
            return self.value(*known, value);
        }
        let within = format!("{name}.");
        if self.known.iter().any(|known| known.key.starts_with(&within)) {
            return self.section(&name, value);
        }
        let hint = self.near(prefix, &key.name);
        let place =
            if prefix.is_empty() { "配置文件".to_owned() } else { format!("“{prefix}”") };
        let message = format!("{place}中没有“{}”这个键", key.name);
        self.problems.add("unknown_key", &key.at, message, Some(hint));
    }

    /// What may stand at this place, nearest first.
    fn near(&self, prefix: &str, word: &str) -> String {
        let within = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
        let mut here: Vec<&str> = self
            .known
            .iter()
            .filter_map(|known| known.key.strip_prefix(&within))
            .filter_map(|rest| rest.split('.').next())
            .collect();
        here.dedup();
        // A word of another section was perhaps only put into the wrong place.
        let elsewhere = self
            .known
            .iter()
            .map(|known| known.key)
            .find(|key| key.rsplit('.').next() == Some(word));
        nearest(word, here.iter().copied())
            .or_else(|| elsewhere.map(|key| format!("是否想写“{key}”？")))
            .unwrap_or_else(|| format!("可以写：{}", here.join("、")))
    }

    fn value(&mut self, known: Known, node: &Node) {
        let nodes: Vec<&Node> = match &node.kind {
            Kind::Nothing => return,
            Kind::Scalar { .. } => vec![node],
            Kind::List(items) if known.list => items.iter().collect(),
            Kind::List(_) | Kind::Map(_) => {
                let wanted = if known.list { "一个值或列表" } else { "一个值" };
                let message = format!("“{}”应当是{wanted}，这里是{}", known.key, node.title());
                self.problems.add("wrong_type", &node.at, message, None);
                return;
            }
        };
        let mut values = vec![];
        for node in nodes {
            match scalar(node).map(|text| ((known.check)(text), text)) {
                Some((Ok(()), text)) => values.push(text.to_owned()),
                Some((Err(why), _)) => {
                    let message = format!("“{}”的值不对：{why}", known.key);
                    self.problems.add("bad_value", &node.at, message, None);
                }
                None => {
                    let message = format!("“{}”应当是文字，这里是{}", known.key, node.title());
                    self.problems.add("wrong_type", &node.at, message, None);
                }
            }
        }
        let place = place(self.problems.source(), &node.at);
        self.found.insert(known.key, Found { values, place });
    }
}

fn place(source: &str, at: &Range<usize>) -> (usize, usize) {
    let before = source.get(..at.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<(), String> {
        text.parse::<u16>().map(drop).map_err(|_| format!("“{text}”不是端口号"))
    }

    fn any(_: &str) -> Result<(), String> {
        Ok(())
    }

    const KNOWN: &[Known] = &[
        Known { key: "listen", list: false, check: any },
        Known { key: "proxies", list: true, check: number },
        Known { key: "mail.host", list: false, check: any },
        Known { key: "mail.port", list: false, check: number },
    ];

    #[test]
    fn values_are_found_with_their_places() {
        let found = read("listen: 甲\nproxies: [1, 2]\nmail:\n  host: h # so\n  port: 25\n", KNOWN);
        let found = found.expect("a good file");
        assert_eq!(found["proxies"].values, ["1", "2"]);
        assert_eq!(
            (found["mail.port"].values[0].as_str(), found["mail.port"].place),
            ("25", (5, 9))
        );
        assert!(read("# nothing\n\n", KNOWN).expect("a good file").is_empty());
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let source =
            "listne: x\nproxies: [1, 甲]\nmail:\n  hots: h\n  port: x\nport: 1\nmail: {}\n";
        let told: Vec<String> = read(source, KNOWN)
            .expect_err("problems")
            .iter()
            .map(|problem| {
                let hint = problem.hint.clone().unwrap_or_default();
                format!("{}:{} {} {hint}", problem.line, problem.column, problem.message)
            })
            .collect();
        let wanted = [
            "1:1 配置文件中没有“listne”这个键 是否想写“listen”？",
            "2:14 “proxies”的值不对：“甲”不是端口号 ",
            "4:3 “mail”中没有“hots”这个键 是否想写“host”？",
            "5:9 “mail.port”的值不对：“x”不是端口号 ",
            "6:1 配置文件中没有“port”这个键 是否想写“mail.port”？",
            "7:1 键“mail”重复 同一层中每个键只写一次",
        ];
        assert_eq!(told, wanted);
    }
}
