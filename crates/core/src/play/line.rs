//! What a line of a transcript says: `谁[@环节] 动作 …；动作 … -> 谁@环节, …`.

/// A line, read.
#[derive(Debug)]
pub struct Line {
    /// As written, without the right side.
    pub left: String,
    pub acts: Vec<Said>,
    /// Absent where nothing is to be checked.
    pub expected: Option<Vec<String>>,
}

/// One act.
#[derive(Debug)]
pub struct Said {
    pub who: String,
    pub step: Option<String>,
    pub verb: Verb,
    pub rest: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Approve,
    Refuse,
    SendBack,
    SendBackDirect,
    Transfer,
    Claim,
    Release,
    Open,
    Read,
    Withdraw,
    Reopen,
    Cc,
    Circulate,
    Urge,
    Terminate,
    Retry,
    Appoint,
    Reassign,
    Change,
    Pick,
}

const VERBS: &[(&str, Verb)] = &[
    ("提交", Verb::Approve),
    ("同意", Verb::Approve),
    ("不同意", Verb::Refuse),
    ("退回", Verb::SendBack),
    ("直退", Verb::SendBackDirect),
    ("转办", Verb::Transfer),
    ("认领", Verb::Claim),
    ("归还", Verb::Release),
    ("查看", Verb::Open),
    ("阅", Verb::Read),
    ("撤回", Verb::Withdraw),
    ("重签", Verb::Reopen),
    ("抄送", Verb::Cc),
    ("传阅", Verb::Circulate),
    ("催办", Verb::Urge),
    ("终止", Verb::Terminate),
    ("重试", Verb::Retry),
    ("指定", Verb::Appoint),
    ("改派", Verb::Reassign),
    ("改", Verb::Change),
    ("选", Verb::Pick),
];

fn verb(word: &str) -> Option<Verb> {
    VERBS.iter().find(|(name, _)| *name == word).map(|(_, verb)| *verb)
}

pub fn read(text: &str) -> Result<Line, String> {
    let (left, right) = match text.rsplit_once("->") {
        Some((left, right)) => (left.trim(), Some(right.trim())),
        None => (text.trim(), None),
    };
    let mut acts: Vec<Said> = vec![];
    for part in left.split(['；', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let mut words = part.split_whitespace().map(str::to_owned);
        let first = words.next().unwrap_or_default();
        let said = match (verb(&first), acts.last()) {
            // The same person goes on.
            (Some(verb), Some(before)) => Said {
                who: before.who.clone(),
                step: before.step.clone(),
                verb,
                rest: words.collect(),
            },
            (Some(_), None) => return Err(format!("“{part}”没有写是谁")),
            (None, _) => {
                let (who, step) = match first.split_once('@') {
                    Some((who, step)) => (who.to_owned(), Some(step.to_owned())),
                    None => (first, None),
                };
                let act = words.next().ok_or_else(|| format!("“{part}”没有写动作"))?;
                let verb = verb(&act).ok_or_else(|| unknown(&act))?;
                Said { who, step, verb, rest: words.collect() }
            }
        };
        acts.push(said);
    }
    if acts.is_empty() {
        return Err("这一行没有写动作".into());
    }
    let expected = right.filter(|right| !right.is_empty()).map(items);
    Ok(Line { left: left.to_owned(), acts, expected })
}

fn unknown(act: &str) -> String {
    let known: Vec<_> = VERBS.iter().map(|(name, _)| *name).collect();
    format!("没有“{act}”这个动作；可以写：{}", known.join("、"))
}

/// The items of `甲,乙`, `甲，乙` or `甲、乙`.
pub fn items(text: &str) -> Vec<String> {
    text.split([',', '，', '、'])
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}
