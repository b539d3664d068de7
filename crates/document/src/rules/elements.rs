//! The elements a document must have, and their form (条例 art. 9, GB/T 9704—2012).

use super::{Level, Moment, Rule, Subject};
use crate::{
    kind::{Direction, Kind},
    metadata::Publicity,
    number::year_of,
};

const REGULATION_9: &str = "《党政机关公文处理工作条例》第九条";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "E-01",
        level: Level::Block,
        from: Moment::Submit,
        field: "title",
        source: REGULATION_9,
        says: no_title,
    },
    Rule {
        id: "E-02",
        level: Level::Block,
        from: Moment::Submit,
        field: "title",
        source: REGULATION_9,
        says: title_without_kind,
    },
    Rule {
        id: "E-03",
        level: Level::Block,
        from: Moment::Submit,
        field: "body",
        source: REGULATION_9,
        says: no_body,
    },
    Rule {
        id: "E-04",
        level: Level::Block,
        from: Moment::Submit,
        field: "recipients",
        source: REGULATION_9,
        says: no_recipient,
    },
    Rule {
        id: "E-05",
        level: Level::Block,
        from: Moment::Number,
        field: "signer",
        source: "《党政机关公文处理工作条例》第二十二条",
        says: unsigned,
    },
    Rule {
        id: "E-06",
        level: Level::Block,
        from: Moment::Dispatch,
        field: "number",
        source: REGULATION_9,
        says: without_number,
    },
    Rule {
        id: "E-07",
        level: Level::Block,
        from: Moment::Dispatch,
        field: "number",
        source: "GB/T 9704—2012 7.2.5；年份为成文日期所在年份",
        says: number_of_another_year,
    },
    Rule {
        id: "E-08",
        level: Level::Block,
        from: Moment::Dispatch,
        field: "printed_on",
        source: REGULATION_9,
        says: printed_before_written,
    },
    Rule {
        id: "E-09",
        level: Level::Block,
        from: Moment::Dispatch,
        field: "body",
        source: "《党政机关公文处理工作条例》第二十五条",
        says: not_rendered,
    },
    Rule {
        id: "E-10",
        level: Level::Warn,
        from: Moment::Dispatch,
        field: "signature",
        source: "《党政机关公文处理工作条例》第九条第（十二）项：有特定发文机关标志的普发性公文可以不加盖印章",
        says: unsealed,
    },
    Rule {
        id: "E-11",
        level: Level::Warn,
        from: Moment::Submit,
        field: "title",
        source: REGULATION_9,
        says: title_without_issuer,
    },
    Rule {
        id: "E-12",
        level: Level::Block,
        from: Moment::Submit,
        field: "attachments",
        source: "GB/T 9704—2012 7.3.4：附件说明与附件标题一致",
        says: attachments_alike,
    },
    Rule {
        id: "E-13",
        level: Level::Block,
        from: Moment::Sign,
        field: "publicity_reason",
        source: "《政府信息公开条例》：不予公开应当说明理由",
        says: withheld_without_reason,
    },
    Rule {
        id: "L-01",
        level: Level::Local,
        from: Moment::Submit,
        field: "contact",
        source: "本地习惯：请示在附注处注明联系人和电话",
        says: request_without_contact,
    },
    Rule {
        id: "L-02",
        level: Level::Local,
        from: Moment::Submit,
        field: "publicity",
        source: "本地习惯：拟稿时明确公开属性",
        says: publicity_open,
    },
    Rule {
        id: "R-22",
        level: Level::Warn,
        from: Moment::Submit,
        field: "answers",
        source: "本地习惯：批复应引述来文",
        says: reply_to_nothing,
    },
];

fn no_title(subject: &Subject<'_>) -> Option<String> {
    subject.metadata.title.trim().is_empty().then(|| "请填写标题".to_owned())
}

fn title_without_kind(subject: &Subject<'_>) -> Option<String> {
    let (kind, title) = (subject.metadata.kind, subject.metadata.title.trim());
    if title.is_empty() || kind.ends(title) {
        return None;
    }
    let kind = kind.title();
    Some(match Kind::of_title(title) {
        Some(other) => format!("标题以“{}”结尾，而文种选的是“{kind}”，请改一致", other.title()),
        None => format!("标题应以文种“{kind}”结尾，例如“关于……的{kind}”"),
    })
}

fn no_body(subject: &Subject<'_>) -> Option<String> {
    subject.body.is_blank().then(|| "正文是空的".to_owned())
}

fn no_recipient(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    let none = metadata.recipients.is_empty() && metadata.recipient_names.is_empty();
    (none && metadata.kind.needs_recipient())
        .then(|| format!("{}应当写明主送机关", metadata.kind.title()))
}

fn unsigned(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    (metadata.signer.is_none() || metadata.written_on.is_none())
        .then(|| "还没有签发：签发人和成文日期由签发产生，签发后才能编号".to_owned())
}

fn without_number(subject: &Subject<'_>) -> Option<String> {
    let needs = match subject.metadata.kind {
        Kind::Order | Kind::Minutes => false,
        Kind::Resolution
        | Kind::Decision
        | Kind::Communique
        | Kind::Announcement
        | Kind::PublicNotice
        | Kind::Opinion
        | Kind::Notice
        | Kind::Circular
        | Kind::Report
        | Kind::Request
        | Kind::Reply
        | Kind::Bill
        | Kind::Letter => true,
    };
    (needs && subject.metadata.number.is_none()).then(|| "还没有发文字号，请先编号".to_owned())
}

fn number_of_another_year(subject: &Subject<'_>) -> Option<String> {
    let (number, written) = (subject.metadata.number.as_ref()?, subject.metadata.written_on?);
    (number.year != year_of(written))
        .then(|| format!("发文字号{number}的年份与成文日期（{}年）不一致", year_of(written)))
}

fn printed_before_written(subject: &Subject<'_>) -> Option<String> {
    let (printed, written) = (subject.metadata.printed_on?, subject.metadata.written_on?);
    (printed < written).then(|| "印发日期早于成文日期".to_owned())
}

fn not_rendered(subject: &Subject<'_>) -> Option<String> {
    let document = subject.document;
    let current =
        document.rendered.as_ref().is_some_and(|rendered| rendered.version == document.version);
    (!current).then(|| "正式文件还没有排版，或排版后正文又改过，请重新套红排版".to_owned())
}

fn unsealed(subject: &Subject<'_>) -> Option<String> {
    subject.document.sealed.is_empty().then(|| "文件还没有加盖印章".to_owned())
}

fn title_without_issuer(subject: &Subject<'_>) -> Option<String> {
    let organ = subject.directory.units.get(&subject.metadata.organ)?;
    let title = subject.metadata.title.trim();
    let said = title.is_empty() || title.contains(&organ.name) || title.contains(&organ.short);
    (!said).then(|| format!("标题一般由发文机关名称、事由和文种组成，可写作“{}关于……”", organ.name))
}

fn attachments_alike(subject: &Subject<'_>) -> Option<String> {
    let names = subject.metadata.attachments_note();
    let twice = names
        .iter()
        .enumerate()
        .find(|(at, name)| names.iter().skip(at + 1).any(|other| other == *name));
    twice.map(|(_, name)| format!("有两个附件都叫“{name}”，请改名后再上传"))
}

fn withheld_without_reason(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    (metadata.publicity == Some(Publicity::Withheld) && metadata.publicity_reason.trim().is_empty())
        .then(|| "选择了不予公开，请写明理由".to_owned())
}

fn request_without_contact(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    (metadata.kind == Kind::Request && metadata.contact.trim().is_empty())
        .then(|| "请示一般在附注处注明联系人姓名和电话".to_owned())
}

fn publicity_open(subject: &Subject<'_>) -> Option<String> {
    let goes_up = subject.metadata.direction == Direction::Up;
    (!goes_up && subject.metadata.publicity.is_none()).then(|| "还没有选择公开属性".to_owned())
}

fn reply_to_nothing(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    (metadata.kind == Kind::Reply && metadata.answers.is_none())
        .then(|| "批复是答复请示的，请关联所答复的来文".to_owned())
}
