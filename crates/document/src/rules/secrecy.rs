//! A non-classified system must not handle state secrets: what looks like one is stopped before it is stored.

use super::{Level, Moment, Rule, Subject};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "S-01",
        level: Level::Block,
        from: Moment::Submit,
        field: "body",
        source: "《中华人民共和国保守国家秘密法》（2024）第三十一条",
        says: marked,
    },
    Rule {
        id: "S-02",
        level: Level::Block,
        from: Moment::Submit,
        field: "attachments",
        source: "《中华人民共和国保守国家秘密法》（2024）第三十一条",
        says: marked_files,
    },
];

const REFUSAL: &str =
    "本系统为非涉密系统，严禁处理、传输国家秘密。发现疑似密级标志，请停止录入，并按机要渠道办理";

fn marked(subject: &Subject<'_>) -> Option<String> {
    let metadata = subject.metadata;
    let typed = [
        &metadata.title,
        &metadata.note,
        &metadata.issuer_mark,
        &metadata.contact,
        &metadata.publicity_reason,
    ];
    let found = typed
        .into_iter()
        .find_map(|text| secret_mark(text))
        .or_else(|| secret_mark(subject.text))?;
    Some(format!("{REFUSAL}（{found}）"))
}

fn marked_files(subject: &Subject<'_>) -> Option<String> {
    let found = subject.metadata.attachments.iter().find_map(|file| secret_mark(&file.name))?;
    Some(format!("{REFUSAL}（附件名称：{found}）"))
}

/// The mark of a state secret in a text, if there is one: a level with its star or period (`机密★10年`), or a level that
/// stands alone on a line or at the head of a file name. The bare words occur in ordinary sentences and are let through.
#[must_use]
pub fn secret_mark(text: &str) -> Option<String> {
    text.lines().find_map(mark_in_line)
}

fn mark_in_line(line: &str) -> Option<String> {
    let tight: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    for level in ["绝密", "机密", "秘密"] {
        for (at, _) in tight.match_indices(level) {
            let after = tight.get(at + level.len()..).unwrap_or_default();
            if starred(after) || period(after) {
                let end: String = after.chars().take(6).collect();
                return Some(format!("{level}{end}"));
            }
        }
        let bare =
            tight.trim_matches(['【', '】', '[', ']', '（', '）', '(', ')', '：', ':', '密', '级']);
        let named =
            ["密级：", "密级:"].iter().any(|label| tight.contains(&format!("{label}{level}")));
        let headed =
            ["【", "[", "（", "("].iter().any(|open| tight.starts_with(&format!("{open}{level}")));
        if tight == level || bare == level || named || headed {
            return Some(level.to_owned());
        }
    }
    None
}

fn starred(after: &str) -> bool {
    after.starts_with(['★', '☆', '*', '＊'])
}

/// `10年`, `六个月`, `长期` directly behind the level.
fn period(after: &str) -> bool {
    let rest = after
        .trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十个".contains(c));
    let counted = rest.len() < after.len();
    after.starts_with("长期")
        || (counted && ["年", "月", "天", "日"].iter().any(|unit| rest.starts_with(unit)))
}

#[cfg(test)]
mod tests {
    use super::secret_mark;

    #[test]
    fn marks_of_secrets_are_found() {
        for text in [
            "机密★10年",
            "关于甲的通知\n 秘 密 ★ 5年",
            "绝密",
            "【秘密】会议纪要.docx",
            "密级：机密",
            "机密10年",
            "秘密长期",
        ] {
            assert!(secret_mark(text).is_some(), "{text}");
        }
    }

    #[test]
    fn sentences_about_secrecy_are_no_secrets() {
        for text in [
            "要严守国家秘密，做好保密工作。",
            "各单位不得在互联网上传递机密、秘密级文件。",
            "商业秘密保护办法",
            "",
        ] {
            assert_eq!(secret_mark(text), None, "{text}");
        }
    }
}
