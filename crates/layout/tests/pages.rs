//! Pages measured with typst's own frames: what GB/T 9704—2012 says in millimetres, found again on the page.
//! Set WENSHU_PAGES to a directory to look at the files.

use chrono::{NaiveDate, TimeZone, Utc};
use std::sync::OnceLock;
use wenshu_document::{
    Body, Press, PressError, Sheet,
    metadata::Urgency,
    press::{Handling, HandlingRow, Official, SealPlacement, Signing},
};
use wenshu_layout::{Mark, Survey, Typesetter, demo_seal};

/// Fonts are read once for all tests.
fn press() -> &'static Typesetter {
    static PRESS: OnceLock<Typesetter> = OnceLock::new();
    PRESS.get_or_init(|| Typesetter::new(vec![]))
}

fn day(day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 7, day)
}

fn official(body: &str) -> Official {
    Official {
        issuer_mark: "云州市人民政府办公室文件".into(),
        urgency: Urgency::Extra,
        number: "云政办发〔2026〕18号".into(),
        signers: vec![],
        title: "云州市人民政府办公室关于做好2026年汛期安全生产工作的通知".into(),
        recipients: vec![
            "各县（市、区）人民政府".into(),
            "市政府各部门".into(),
            "各直属机构".into(),
        ],
        body: Body::from_plain(body),
        attachments: vec!["汛期安全检查表".into(), "各成员单位值班电话及责任分工一览表".into()],
        signature: "云州市人民政府办公室".into(),
        written_on: day(1),
        signing: Signing::Sealed(SealPlacement {
            image: demo_seal("云州市人民政府办公室"),
            label: "市政府办公室章".into(),
            diameter_mm: 45,
        }),
        notes: vec!["此件公开发布".into()],
        cc: vec!["市委办公室，市人大常委会办公室，市政协办公室".into(), "市中级人民法院".into()],
        printed_by: "云州市人民政府办公室".into(),
        printed_on: day(2),
        draft: None,
    }
}

const TEXT: &str = "当前我市已进入主汛期，强降雨、雷电、大风等灾害性天气增多，安全生产面临严峻考验。为切实保障人民群众生命财产安全，经市政府同意，现将有关事项通知如下：
一、强化组织领导
各级各部门要坚持人民至上、生命至上，落实党政同责、一岗双责，主要负责同志要靠前指挥，严格执行24小时值班和领导带班制度。
（一）突出重点部位
对矿山、尾矿库、危险化学品、建筑施工、旅游景区等重点行业领域开展拉网式排查，建立问题清单、责任清单、整改清单，做到闭环管理。
二、严格督导检查
市安委会办公室要会同有关部门开展明查暗访，发现问题及时通报，对工作不力的严肃追责问责。各县（市、区）人民政府请于7月15日前将落实情况报送市政府办公室。";

fn survey(official: Official) -> Survey {
    let sheet = Sheet::Official(Box::new(official));
    let survey = press().survey(&sheet).expect("it can be set");
    keep(&sheet);
    survey
}

/// Writes the file for somebody who wants to look.
fn keep(sheet: &Sheet) {
    if let (Some(directory), Some(test)) =
        (std::env::var_os("WENSHU_PAGES"), std::thread::current().name())
    {
        let printed = press().set(sheet).expect("it can be set");
        let path = std::path::Path::new(&directory).join(format!("{test}.pdf"));
        std::fs::write(path, printed.pdf).expect("a directory to write to");
    }
}

/// Baseline and left edge of the line that contains `part`, with its page.
fn line(survey: &Survey, part: &str) -> (usize, f64, f64) {
    for page in 1..=survey.pages {
        if let Some((y, x, _)) =
            survey.lines(page).into_iter().find(|(_, _, text)| text.contains(part))
        {
            return (page, y, x);
        }
    }
    panic!(
        "no line says {part}: {:?}",
        (1..=survey.pages).map(|page| survey.lines(page)).collect::<Vec<_>>()
    );
}

/// Horizontal rules of a page: (y, x, width).
fn rules(survey: &Survey, page: usize) -> Vec<(f64, f64, f64)> {
    let mut rules: Vec<(f64, f64, f64)> = vec![];
    for mark in &survey.marks {
        match mark {
            Mark::Shape { page: on, x, y, width, height }
                if *on == page && *height < 1.0 && *width > 100.0 =>
            {
                rules.push((*y, *x, *width));
            }
            Mark::Shape { .. } | Mark::Text { .. } | Mark::Image { .. } => {}
        }
    }
    rules
}

fn near(found: f64, wanted: f64, what: &str) {
    assert!((found - wanted).abs() < 0.3, "{what}: {found:.2} mm, not {wanted:.2}");
}

/// The size of a three-size character and the step from line to line, in mm.
const EM: f64 = 15.75 * 25.4 / 72.0;
const PITCH: f64 = (225.0 - EM) / 21.0;

#[test]
fn a_page_holds_22_lines_of_28_characters() {
    let mut plain = official("");
    plain.body = Body::from_plain(&"国".repeat(28 * 22 * 3));
    let survey = survey(plain);
    let lines: Vec<(f64, f64, String)> =
        survey.lines(2).into_iter().filter(|line| line.2.starts_with('国')).collect();
    assert_eq!(lines.len(), 22);
    for (index, (y, x, text)) in lines.iter().enumerate() {
        assert_eq!(text.chars().count(), 28);
        near(*x, 28.0, "left edge");
        near(*y, 37.0 + 0.88 * EM + PITCH * index as f64, "baseline");
    }
}

#[test]
fn the_head_stands_where_the_standard_puts_it() {
    let survey = survey(official(TEXT));
    let (page, number, _) = line(&survey, "云政办发〔2026〕18号");
    assert_eq!(page, 1);
    let red = rules(&survey, 1).into_iter().find(|(y, ..)| *y > number).expect("a red line");
    near(red.0, number + 0.12 * EM + 4.0, "red line under the number");
    near(red.1, 28.0, "red line left");
    near(red.2, 156.0, "red line width");
    let (_, title, _) = line(&survey, "云州市人民政府办公室");
    let title = survey.lines(1).iter().find(|l| l.0 > red.0).map_or(title, |l| l.0);
    near(title - 0.88 * 22.0 * 25.4 / 72.0, red.0 + 2.0 * PITCH, "two lines to the title");
    let (_, addressed, x) = line(&survey, "各县（市、区）人民政府、市政府各部门");
    near(x, 28.0, "recipients flush left");
    let last_of_title =
        survey.lines(1).iter().rfind(|l| l.0 < addressed - 1.0).map_or(0.0, |l| l.0);
    near(
        addressed - 0.88 * EM - (last_of_title + 0.12 * 22.0 * 25.4 / 72.0),
        2.0 * PITCH - EM,
        "a blank line below the title",
    );
    let (_, body, x) = line(&survey, "当前我市已进入主汛期");
    near(body - addressed, PITCH, "text on the next line");
    near(x, 28.0 + 2.0 * EM, "two characters indent");
    near(line(&survey, "特急").1, 37.0 + 0.88 * EM, "urgency on the first line");
}

#[test]
fn the_mark_is_35_mm_below_the_text_area() {
    let survey = survey(official(TEXT));
    let mark = survey.marks.iter().find_map(|mark| match mark {
        Mark::Text { page: 1, y, text, size_pt, .. } if text.contains("办公室文件") => {
            Some((*y, *size_pt))
        }
        Mark::Text { .. } | Mark::Shape { .. } | Mark::Image { .. } => None,
    });
    let (baseline, size) = mark.expect("a red head");
    // The ink of Han characters is about 0.82 to 0.9 em above the baseline.
    let top = baseline - 0.85 * size * 25.4 / 72.0;
    assert!((top - 72.0).abs() < 1.5, "{top}");
}

#[test]
fn name_date_and_seal_stand_together() {
    let survey = survey(official(TEXT));
    let (page, date, x) = line(&survey, "2026年7月1日");
    let (also, name, _) = survey
        .lines(page)
        .into_iter()
        .find(|l| (l.0 - (date - PITCH)).abs() < 0.3)
        .map(|l| (page, l.0, l.1))
        .expect("the name stands on the line above");
    assert_eq!(page, also);
    let (width, seal_x, seal_y) = survey
        .marks
        .iter()
        .find_map(|mark| match mark {
            Mark::Image { page: on, x, y, width, .. } if *on == page => Some((*width, *x, *y)),
            Mark::Image { .. } | Mark::Text { .. } | Mark::Shape { .. } => None,
        })
        .expect("a seal");
    near(width, 45.0, "diameter");
    let date_width = survey
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Text { page: on, y, width, .. } if *on == page && (*y - date).abs() < 0.3 => {
                Some(*width)
            }
            Mark::Text { .. } | Mark::Shape { .. } | Mark::Image { .. } => None,
        })
        .sum::<f64>();
    near(x + date_width, 184.0 - 4.0 * EM, "four characters free");
    near(seal_x + 22.5, x + date_width / 2.0, "the seal's centre over the date's");
    let (centre, middle) = (seal_y + 22.5, (name + date) / 2.0 - 0.38 * EM);
    assert!(
        middle > centre && middle - centre < 6.0,
        "name and date lie a little under the centre"
    );
    let above =
        survey.lines(page).into_iter().rfind(|l| l.0 < name - 1.0).map_or(0.0, |l| l.0) + 0.12 * EM;
    assert!(
        seal_y - above >= -0.5 && seal_y - above <= PITCH,
        "the seal's top within one line of the text"
    );
}

#[test]
fn a_document_without_seal_has_its_name_two_characters_from_the_right() {
    let survey = survey(Official { signing: Signing::Unsealed, ..official(TEXT) });
    let (page, date, x) = line(&survey, "2026年7月1日");
    let (_, name_x) = survey
        .lines(page)
        .into_iter()
        .find(|l| (l.0 - (date - PITCH)).abs() < 0.3)
        .map(|l| (l.0, l.1))
        .expect("the name stands on the line above");
    near(name_x, 184.0 - 2.0 * EM - 10.0 * EM, "name");
    near(x - name_x, 2.0 * EM, "the date begins two characters behind");
}

#[test]
fn the_imprint_closes_an_even_page() {
    for repeat in [0, 1, 3, 5, 6, 7, 8, 11] {
        let text =
            format!("{TEXT}\n{}", "各单位要认真抓好落实，确保安全度汛。".repeat(repeat * 10));
        let survey = survey(official(&text));
        let last = survey.pages;
        assert_eq!(last % 2, 0, "{repeat}");
        let (page, _, _) = line(&survey, "2026年7月2日印发");
        assert_eq!(page, last);
        let bottom = rules(&survey, last).into_iter().map(|rule| rule.0).fold(0.0, f64::max);
        near(bottom, 262.0, "the last line is the foot of the text area");
        assert_eq!(rules(&survey, last).iter().filter(|rule| rule.0 > 150.0).count(), 3);
        // Only a page that is empty, and the imprint behind it, go without a number.
        let (text_ends, ..) = line(&survey, "此件公开发布");
        for page in 1..=last {
            let numbered = survey.lines(page).iter().any(|l| l.2.contains(&format!("— {page} —")));
            assert_eq!(
                numbered,
                !(last == text_ends + 2 && page > text_ends),
                "{repeat}: page {page}"
            );
        }
    }
}

#[test]
fn page_numbers_lie_7_mm_below_at_the_outer_side() {
    let survey = survey(official(&format!("{TEXT}\n{}", "各单位要认真抓好落实。".repeat(60))));
    let digit = 14.0 * 25.4 / 72.0;
    let (_, odd, odd_x) = line(&survey, "— 1 —");
    let (_, even, even_x) = line(&survey, "— 2 —");
    near(odd, 262.0 + 7.0 - digit / 2.0 + 0.88 * digit, "below the text");
    near(even, odd, "the same height");
    near(even_x, 28.0 + digit, "even pages: one character from the left");
    assert!(odd_x > 150.0);
}

#[test]
fn a_document_that_goes_up_names_its_signer() {
    let mut up = official(TEXT);
    up.issuer_mark = "云州市财政局文件".into();
    up.title = "云州市财政局关于增设防汛物资储备点的请示".into();
    up.number = "云财〔2026〕5号".into();
    up.signers = vec!["周一鸣".into()];
    up.recipients = vec!["云州市人民政府".into()];
    up.urgency = Urgency::None;
    let survey = survey(up);
    let (_, number, x) = line(&survey, "云财〔2026〕5号");
    near(x, 28.0 + EM, "one character from the left");
    let all = survey.lines(1).into_iter().find(|l| (l.0 - number).abs() < 0.5).map(|l| l.2);
    assert_eq!(all.as_deref(), Some("云财〔2026〕5号签发人：周一鸣"));
}

#[test]
fn the_first_page_shows_text_and_the_signature_never_stands_alone() {
    for (repeat, attached) in (1..14).flat_map(|repeat| [(repeat, true), (repeat, false)]) {
        let mut made = official(&"各单位要认真抓好落实，确保安全度汛。\n".repeat(repeat));
        if !attached {
            made.attachments.clear();
        }
        let survey = survey(made);
        assert_eq!(line(&survey, "各单位要认真抓好落实").0, 1, "{repeat}");
        let (page, date, _) = line(&survey, "2026年7月1日");
        let above = survey
            .lines(page)
            .into_iter()
            .filter(|l| l.0 > 37.0 && l.0 < date - 1.5 * PITCH)
            .count();
        assert!(above > 0, "{repeat}: page {page} begins with the signature");
    }
}

#[test]
fn every_page_says_that_the_system_is_not_for_secrets() {
    let survey = survey(official(&format!("{TEXT}\n{}", "各单位要认真抓好落实。".repeat(60))));
    for page in 1..=survey.pages {
        assert!(survey.lines(page).iter().any(|l| l.2.contains("非涉密系统")), "page {page}");
    }
}

#[test]
fn a_draft_says_so_and_needs_nothing_yet() {
    let mut draft = official("");
    draft.number = String::new();
    draft.written_on = None;
    draft.printed_on = None;
    draft.attachments.clear();
    draft.signing = Signing::Reserved { diameter_mm: 45 };
    draft.draft = Some("送审稿 第2版".into());
    let survey = survey(draft);
    line(&survey, "送审稿 第2版");
}

#[test]
fn what_people_type_is_only_text() {
    let mut typed = official(
        "#import \"@preview/x:1.0.0\"\n$ x^2 $ *粗* _斜_ <b>粗</b> \\u{41} #read(\"/etc/passwd\")",
    );
    typed.title = "关于#panic(\"x\")的通知".into();
    typed.recipients = vec!["#sys.version".into()];
    typed.signature = "]#pagebreak()[".into();
    let survey = survey(typed);
    for part in [
        "#import \"@preview/x:1.0.0\"",
        "$ x^2 $ *粗* _斜_ <b>粗</b>",
        "#panic",
        "#sys.version",
        "]#pagebreak()[",
    ] {
        line(&survey, part);
    }
}

#[test]
fn tables_with_odd_spans_are_set() {
    let cell = |text: &str, colspan: u64| {
        serde_json::json!({ "type": "tableCell", "attrs": { "colspan": colspan, "rowspan": 2 },
            "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] })
    };
    let body = serde_json::json!({ "type": "doc", "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": "任务分工如下：" }] },
        { "type": "table", "content": [
            { "type": "tableRow", "content": [cell("甲单位", 2), cell("乙单位", 1)] },
            { "type": "tableRow", "content": [cell("丙单位", 3)] },
            { "type": "tableRow", "content": [] }] }] });
    let mut with_table = official("");
    with_table.body = Body::from_tiptap(&body).expect("a text");
    let survey = survey(with_table);
    for part in ["甲单位", "乙单位", "丙单位"] {
        line(&survey, part);
    }
}

#[test]
fn the_same_sheet_gives_the_same_file() {
    let sheet = Sheet::Official(Box::new(official(TEXT)));
    let one = press().set(&sheet).expect("set");
    let two = press().set(&sheet).expect("set");
    assert_eq!(one, two);
    assert!(one.pdf.starts_with(b"%PDF-") && one.pages == 2);
    assert!(
        one.substitutions.iter().all(|said| said.starts_with("没有")),
        "{:?}",
        one.substitutions
    );
}

#[test]
fn a_character_that_no_font_has_is_reported() {
    let printed = press().set(&Sheet::Official(Box::new(official("联系人：\u{e123}同志"))));
    let said = printed.expect("set").substitutions.join("；");
    assert!(said.contains("缺少字符“\u{e123}”"), "{said}");
}

#[test]
fn without_fonts_it_says_what_to_install() {
    let nowhere = Typesetter::with_only(vec!["/nonexistent/fonts".into()]);
    let refused = nowhere.set(&Sheet::Official(Box::new(official(TEXT))));
    assert_eq!(refused, Err(PressError::NoFonts { searched: "/nonexistent/fonts".into() }));
}

#[test]
fn a_seal_that_is_no_image_is_refused_by_name() {
    for bytes in [&b"MZ"[..], b"\x89PNG\r\n\x1a\nbroken", b"<svg"] {
        let mut broken = official(TEXT);
        broken.signing = Signing::Sealed(SealPlacement {
            image: bytes.to_vec(),
            label: "市政府章".into(),
            diameter_mm: 45,
        });
        let refused = press().set(&Sheet::Official(Box::new(broken)));
        assert_eq!(refused, Err(PressError::SealImage { label: "市政府章".into() }));
    }
}

#[test]
fn the_handling_sheet_tells_who_said_what() {
    let at = Utc.with_ymd_and_hms(2026, 7, 1, 2, 30, 0).single().expect("a time");
    let row = |step: &str, who: &str, act: &str, opinion: &str| HandlingRow {
        step: step.into(),
        who: who.into(),
        act: act.into(),
        opinion: opinion.into(),
        at,
    };
    let sheet = Sheet::Handling(Handling {
        heading: "发文处理单".into(),
        unit: "云州市人民政府办公室".into(),
        facts: vec![
            ("标题".into(), "关于做好汛期安全生产工作的通知".into()),
            ("发文字号".into(), "云政办发〔2026〕18号".into()),
        ],
        rows: vec![
            row("处室审核", "秘书科 科长 陈一", "同意", "同意，请会签。"),
            row("会签", "财政局 局长 李二", "退回", "第二条经费来源不明确 #strike[x]，请修改。"),
            row("签发", "市政府 副市长 周三", "同意", "同意印发。"),
        ],
        made_at: at,
    });
    let survey = press().survey(&sheet).expect("set");
    keep(&sheet);
    for part in ["发文处理单", "财政局", "#strike[x]", "2026-07-01", "10:30"] {
        line(&survey, part);
    }
}
