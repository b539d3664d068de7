//! What the wording gives away: requests inside reports, several matters in one request, punctuation, length.
//!
//! These read text and can be wrong, so none of them blocks.

use super::{Level, Moment, Rule, Subject};
use crate::{
    body::{Block, text_of},
    kind::Kind,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "R-07",
        level: Level::Warn,
        from: Moment::Submit,
        field: "body",
        source: "《党政机关公文处理工作条例》第十五条第（四）项：请示应当一文一事",
        says: several_matters,
    },
    Rule {
        id: "R-08",
        level: Level::Warn,
        from: Moment::Submit,
        field: "body",
        source: "《党政机关公文处理工作条例》第十五条第（四）项：不得在报告等非请示性公文中夹带请示事项",
        says: request_inside,
    },
    Rule {
        id: "W-01",
        level: Level::Warn,
        from: Moment::Submit,
        field: "body",
        source: "《整治形式主义为基层减负若干规定》（2024）：一般不超过5000字",
        says: too_long,
    },
    Rule {
        id: "W-02",
        level: Level::Warn,
        from: Moment::Submit,
        field: "body",
        source: "GB/T 15834—2011、GB/T 9704—2012 7.3.3",
        says: heading_punctuation,
    },
    Rule {
        id: "W-03",
        level: Level::Warn,
        from: Moment::Submit,
        field: "body",
        source: "GB/T 15834—2011",
        says: narrow_punctuation,
    },
    Rule {
        id: "W-04",
        level: Level::Warn,
        from: Moment::Submit,
        field: "title",
        source: "GB/T 15834—2011：标题中除书名号等外一般不用标点符号",
        says: title_punctuation,
    },
    Rule {
        id: "W-05",
        level: Level::Warn,
        from: Moment::Submit,
        field: "body",
        source: "GB/T 9704—2012 7.3.3：结构层次依次用一、（一）1.（1）标注",
        says: level_skipped,
    },
    Rule {
        id: "L-03",
        level: Level::Local,
        from: Moment::Submit,
        field: "body",
        source: "本地习惯：结束语",
        says: no_closing,
    },
];

const ASKING: [&str; 8] =
    ["妥否，请", "当否，请", "请批示", "请批复", "请予批准", "请予批复", "请审批", "请予审批"];

fn several_matters(subject: &Subject<'_>) -> Option<String> {
    if subject.metadata.kind != Kind::Request {
        return None;
    }
    let asked = ["恳请批准", "恳请同意", "请予批准", "请求批准", "请批准", "请予支持"];
    let count: usize = asked.iter().map(|phrase| subject.text.matches(phrase).count()).sum();
    (count > 1).then(|| format!("正文有{count}处请求批准的表述，请核对是否一文一事"))
}

fn request_inside(subject: &Subject<'_>) -> Option<String> {
    if subject.metadata.kind != Kind::Report {
        return None;
    }
    let phrase = ASKING.into_iter().find(|phrase| subject.text.contains(phrase))?;
    Some(format!("报告中有“{phrase}”，报告不得夹带请示事项；需要批准的请另行请示"))
}

fn too_long(subject: &Subject<'_>) -> Option<String> {
    let characters = subject.body.characters();
    (characters > 5000).then(|| {
        format!("正文{characters}字，综合性文件一般不超过5000字，专项文件一般不超过4000字")
    })
}

fn heading_punctuation(subject: &Subject<'_>) -> Option<String> {
    subject.body.blocks.iter().find_map(|block| {
        let text = match block {
            Block::Heading { runs, .. } | Block::Paragraph { runs } => text_of(runs),
            Block::List { .. } | Block::Table { .. } => return None,
        };
        let start: String = text.trim().chars().take(6).collect();
        wrong_numbering(&start).map(|advice| format!("“{start}…”：{advice}"))
    })
}

/// What is wrong with the numbering at the start of a line.
fn wrong_numbering(start: &str) -> Option<&'static str> {
    const HAN: &str = "一二三四五六七八九十";
    let count = |set: fn(char) -> bool| start.chars().take_while(|c| set(*c)).count();
    let after = |count: usize| start.chars().nth(count);
    let han = count(|c| HAN.contains(c));
    if han > 0 && after(han).is_some_and(|c| ",，.．".contains(c)) {
        return Some("一级序号后用顿号，写作“一、”");
    }
    let digits = count(|c| c.is_ascii_digit());
    if digits > 0 && after(digits) == Some('、') {
        return Some("三级序号后用下脚点，写作“1.”");
    }
    if start.starts_with('(') && start.chars().nth(1).is_some_and(|c| HAN.contains(c)) {
        return Some("二级序号用全角括号，写作“（一）”");
    }
    if start.starts_with('（') && (start.contains("）、") || start.contains("），")) {
        return Some("带括号的序号后不加标点");
    }
    None
}

fn narrow_punctuation(subject: &Subject<'_>) -> Option<String> {
    let characters: Vec<char> = subject.text.chars().collect();
    let han = |c: Option<&char>| c.is_some_and(|c| ('\u{4e00}'..='\u{9fff}').contains(c));
    let found = characters.windows(3).find(|three| {
        three.get(1).is_some_and(|c| ",;:?!".contains(*c))
            && han(three.first())
            && han(three.get(2))
    })?;
    Some(format!("“{}”用了半角标点，汉字之间应当用全角标点", found.iter().collect::<String>()))
}

fn title_punctuation(subject: &Subject<'_>) -> Option<String> {
    let found = subject.metadata.title.chars().find(|c| "。！？；，,;!?".contains(*c))?;
    Some(format!("标题里有“{found}”，一般不用"))
}

fn level_skipped(subject: &Subject<'_>) -> Option<String> {
    let mut last = 0_u8;
    for block in &subject.body.blocks {
        let Block::Heading { level, runs } = block else { continue };
        if *level > last + 1 && last > 0 {
            return Some(format!("“{}”跳过了上一级标题", text_of(runs)));
        }
        last = *level;
    }
    None
}

fn no_closing(subject: &Subject<'_>) -> Option<String> {
    let (kind, closing) = (subject.metadata.kind, subject.metadata.kind.closing()?);
    let said = match kind {
        Kind::Request => ASKING.iter().any(|phrase| subject.text.contains(phrase)),
        Kind::Reply => ["此复", "特此批复"].iter().any(|phrase| subject.text.contains(phrase)),
        Kind::Report => subject.text.contains("特此报告") || subject.text.contains("请审阅"),
        Kind::Letter => {
            ["函复", "特此函", "此函", "函告"].iter().any(|phrase| subject.text.contains(phrase))
        }
        Kind::Resolution
        | Kind::Decision
        | Kind::Order
        | Kind::Communique
        | Kind::Announcement
        | Kind::PublicNotice
        | Kind::Opinion
        | Kind::Notice
        | Kind::Circular
        | Kind::Bill
        | Kind::Minutes => true,
    };
    (!said && !subject.body.is_blank())
        .then(|| format!("{}的结束语一般用“{closing}”", kind.title()))
}
