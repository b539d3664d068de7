//! Names of people: made in a fixed order from two lists, each given once; and the login made of a name.

use pinyin::ToPinyin;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Surnames whose sound as a surname is not the one that the dictionary gives first.
const SURNAMES: [(char, &str); 12] = [
    ('沈', "shen"),
    ('石', "shi"),
    ('贾', "jia"),
    ('万', "wan"),
    ('任', "ren"),
    ('俞', "yu"),
    ('解', "xie"),
    ('单', "shan"),
    ('曾', "zeng"),
    ('翟', "zhai"),
    ('盛', "sheng"),
    ('祝', "zhu"),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    surnames: String,
    given: String,
}

/// The source of names.
#[derive(Debug)]
pub(super) struct Names {
    surnames: Vec<char>,
    given: Vec<String>,
    next: usize,
    used: BTreeSet<String>,
    logins: BTreeSet<String>,
}

impl Names {
    /// Reads the lists; `taken` are names that the plan gives by itself.
    pub(super) fn new(source: &str, taken: BTreeSet<String>) -> Result<Self, String> {
        let lists: Lists = serde_saphyr::from_str(source).map_err(|error| error.to_string())?;
        Ok(Self {
            surnames: lists.surnames.chars().filter(|c| !c.is_whitespace()).collect(),
            given: lists.given.split_whitespace().map(str::to_owned).collect(),
            next: 0,
            used: taken,
            logins: BTreeSet::new(),
        })
    }

    /// A name that nobody has yet.
    pub(super) fn fresh(&mut self) -> String {
        loop {
            // Two strides prime to the lists' lengths, so that neither surname nor given name repeats soon.
            let at = self.next;
            self.next += 1;
            let surname = self.surnames[(at * 7) % self.surnames.len()];
            let given = &self.given[(at * 43 + at / self.given.len()) % self.given.len()];
            let name = format!("{surname}{given}");
            if self.used.insert(name.clone()) {
                return name;
            }
        }
    }

    /// The login of a name: its pinyin, with a number where somebody has it already.
    pub(super) fn login(&mut self, name: &str) -> String {
        let base = spelled(name);
        let mut login = base.clone();
        let mut count = 1;
        while !self.logins.insert(login.clone()) {
            count += 1;
            login = format!("{base}{count}");
        }
        login
    }
}

/// Pinyin without tones, as one word.
pub(super) fn spelled(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.chars().enumerate() {
        let surname =
            SURNAMES.iter().find(|(known, _)| at == 0 && *known == c).map(|(_, sound)| *sound);
        match (surname, c.to_pinyin()) {
            (Some(sound), _) => out.push_str(sound),
            (None, Some(sound)) => out.push_str(&sound.plain().replace('ü', "v")),
            (None, None) => out.extend(c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_the_sound_of_the_name() {
        assert_eq!(spelled("林晓棠"), "linxiaotang");
        assert_eq!(spelled("吕安然"), "lvanran");
        assert_eq!(spelled("沈砚林"), "shenyanlin");
    }

    #[test]
    fn the_second_of_one_sound_gets_a_number() {
        let mut names = Names::new("{ surnames: 王, given: 一 }", BTreeSet::new())
            .expect("the lists are well formed");
        assert_eq!(names.login("王一"), "wangyi");
        assert_eq!(names.login("王依"), "wangyi2");
        assert_eq!(names.login("王宜"), "wangyi3");
    }
}
