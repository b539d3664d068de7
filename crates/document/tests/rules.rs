//! What the rules say about drafts that people really write.

mod common;

use common::{at, city, clerk, document, file, metadata};
use wenshu_core::directory::Seal;
use wenshu_document::{
    Body, DocumentEvent, Kind, Level, Metadata, Moment, Publicity, check, number::Number,
};

/// Ids of the rules that speak up, those that block with `!`.
fn said(metadata: Metadata, text: &str, moment: Moment) -> String {
    let body = Body::from_plain(text);
    let mut ids: Vec<String> = check(&document(metadata, &body), &body, &city(), moment)
        .into_iter()
        .map(|finding| {
            format!("{}{}", finding.rule, if finding.level == Level::Block { "!" } else { "" })
        })
        .collect();
    ids.sort();
    ids.join(" ")
}

fn notice() -> Metadata {
    let mut good = metadata(
        Kind::Notice,
        "云州市人民政府关于加强防汛值班的通知",
        "gov",
        &["finance", "water"],
    );
    good.publicity = Some(Publicity::Published);
    good
}

const TEXT: &str = "现将有关事项通知如下：\n一、落实值班制度\n各单位要严格执行领导带班。";

#[test]
fn a_good_notice_passes_without_a_word() {
    assert_eq!(said(notice(), TEXT, Moment::Submit), "");
    assert_eq!(said(notice(), TEXT, Moment::Sign), "");
}

#[test]
fn what_is_missing_is_named() {
    let mut empty = notice();
    empty.title = String::new();
    empty.recipients.clear();
    assert_eq!(said(empty, "", Moment::Submit), "E-01! E-03! E-04!");
    let named =
        Metadata {
            recipients: vec![], recipient_names: vec!["各区人民政府".into()], ..notice()
        };
    assert_eq!(said(named, TEXT, Moment::Submit), "");
}

#[test]
fn units_that_cannot_be_reached_are_named() {
    let texts = |metadata: Metadata, moment: Moment| -> Vec<(String, String)> {
        let body = Body::from_plain(TEXT);
        let findings = check(&document(metadata, &body), &body, &city(), moment);
        let blocking = findings.into_iter().filter(|finding| finding.level == Level::Block);
        blocking.map(|finding| (finding.rule, finding.text)).collect()
    };
    let ghosts = Metadata {
        recipients: vec!["finance".into(), "ghost".into()],
        cc: vec!["spirit".into()],
        countersign_units: vec!["water".into(), "phantom".into()],
        ..notice()
    };
    let found = texts(ghosts.clone(), Moment::Submit);
    let rules: Vec<&str> = found.iter().map(|(rule, _)| rule.as_str()).collect();
    assert_eq!(rules, ["U-01", "U-02", "U-03"]);
    for ((_, text), unit) in found.iter().zip(["“ghost”", "“spirit”", "“phantom”"]) {
        assert!(text.contains(unit) && text.contains("请删去后重新选择"), "{text}");
    }
    // A unit may also vanish after the document was submitted.
    assert!(texts(ghosts, Moment::Dispatch).iter().any(|(rule, _)| rule == "U-01"));

    let inside = Metadata {
        recipients: vec!["budget".into()],
        cc: vec!["cellar".into()],
        countersign_units: vec!["budget".into()],
        ..notice()
    };
    let found = texts(inside, Moment::Submit);
    let [(inner, to_inner), (mute, to_mute)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((inner.as_str(), mute.as_str()), ("U-04", "U-05"));
    assert!(to_inner.contains("“预算科”") && to_inner.contains("“云州市财政局”"), "{to_inner}");
    assert!(to_mute.contains("“云州市档案库”") && to_mute.contains("收发岗"), "{to_mute}");
}

#[test]
fn a_unit_that_is_no_longer_in_use_is_sent_nothing() {
    let mut city = city();
    let metadata = Metadata { recipients: vec!["finance".into()], ..notice() };
    let body = Body::from_plain(TEXT);
    let mut blocked = |disabled: bool| {
        city.units.get_mut("finance").expect("a unit").disabled = disabled;
        let findings = check(&document(metadata.clone(), &body), &body, &city, Moment::Dispatch);
        findings.into_iter().find(|finding| finding.rule == "U-04").map(|finding| finding.text)
    };
    assert_eq!(blocked(false), None);
    let text = blocked(true).expect("refused");
    assert!(text.contains("已停用") && text.contains("退回拟稿环节"), "{text}");
}

#[test]
fn in_whose_name_it_is_issued_is_for_the_office_that_keeps_the_seal() {
    let from_finance = Metadata { unit: "finance".into(), ..notice() };
    assert_eq!(said(from_finance.clone(), TEXT, Moment::Submit), "R-29!");
    let mut served = city();
    let keeper = served.units["finance"].registry.clone().expect("a registry");
    let seal = Seal {
        id: "gov-seal".into(),
        name: "印章".into(),
        unit: "gov".into(),
        keeper,
        image: None,
        disabled: false,
    };
    served.seals.insert(seal.id.clone(), seal);
    let body = Body::from_plain(TEXT);
    assert_eq!(check(&document(from_finance, &body), &body, &served, Moment::Submit), []);
}

#[test]
fn the_title_ends_with_its_kind() {
    let plan =
        Metadata { title: "云州市人民政府防汛值班工作方案".into(), ..notice() };
    assert_eq!(said(plan, TEXT, Moment::Submit), "E-02!");
    let letter =
        Metadata { title: "云州市人民政府关于防汛值班的函".into(), ..notice() };
    let body = Body::from_plain(TEXT);
    let findings = check(&document(letter, &body), &body, &city(), Moment::Submit);
    assert_eq!(
        findings.first().map(|f| f.text.as_str()),
        Some("标题以“函”结尾，而文种选的是“通知”，请改一致")
    );
}

#[test]
fn secrets_are_stopped_wherever_they_are_written() {
    let marked = Metadata {
        title: "机密★10年 云州市人民政府关于防汛值班的通知".into(),
        ..notice()
    };
    assert_eq!(said(marked, TEXT, Moment::Submit), "S-01!");
    assert_eq!(said(notice(), &format!("秘密★5年\n{TEXT}"), Moment::Submit), "S-01!");
    let attached = Metadata { attachments: vec![file("【机密】名单.pdf")], ..notice() };
    assert_eq!(said(attached, TEXT, Moment::Submit), "S-02!");
    assert_eq!(said(notice(), &format!("{TEXT}\n要严守国家秘密。"), Moment::Submit), "");
}

#[test]
fn a_request_goes_to_one_superior_and_to_nobody_below() {
    let text = "为做好防汛工作，拟增设值班点。\n妥否，请批示。";
    let title = "云州市财政局关于增设值班点的请示";
    let mut request = metadata(Kind::Request, title, "finance", &["gov"]);
    request.contact = "陈一，5550001".into();
    assert_eq!(said(request.clone(), text, Moment::Submit), "");
    let no_contact = Metadata { contact: String::new(), ..request.clone() };
    assert_eq!(said(no_contact, text, Moment::Submit), "L-01");
    let to_a_peer = Metadata { recipients: vec!["water".into()], ..request.clone() };
    assert_eq!(said(to_a_peer, text, Moment::Submit), "R-21!");
    let two = Metadata { recipients: vec!["gov".into(), "province".into()], ..request.clone() };
    assert_eq!(said(two, text, Moment::Submit), "R-03");
    let over = Metadata { recipients: vec!["province".into()], ..request.clone() };
    assert_eq!(said(over, text, Moment::Submit), "R-02");
    let person =
        Metadata {
            recipient_names: vec!["王市长".into()], recipients: vec![], ..request.clone()
        };
    assert_eq!(said(person, text, Moment::Submit), "R-09!");
    let mut from_above =
        metadata(Kind::Request, "云州市人民政府关于增设值班点的请示", "gov", &["province"]);
    from_above.cc = vec!["street".into()];
    from_above.contact = "陈一".into();
    assert_eq!(said(from_above, text, Moment::Submit), "R-04!");
}

#[test]
fn a_section_does_not_issue_documents() {
    let title = "预算科关于预算编制的通知";
    let mut inside = metadata(Kind::Notice, title, "budget", &["water"]);
    inside.publicity = Some(Publicity::OnRequest);
    assert_eq!(said(inside, TEXT, Moment::Submit), "R-20!");
}

#[test]
fn a_reply_goes_down_and_says_what_it_answers() {
    let text = "同意你局增设值班点。\n此复。";
    let mut reply =
        metadata(Kind::Reply, "云州市人民政府关于增设值班点的批复", "gov", &["finance"]);
    reply.publicity = Some(Publicity::OnRequest);
    assert_eq!(said(reply.clone(), text, Moment::Submit), "R-22");
    reply.answers = Some(wenshu_core::id::DocumentId(uuid::Uuid::nil()));
    assert_eq!(said(reply.clone(), text, Moment::Submit), "");
    let peer = Metadata {
        organ: "water".into(),
        unit: "water".into(),
        title: "云州市水务局关于增设值班点的批复".into(),
        ..reply
    };
    assert_eq!(said(peer, text, Moment::Submit), "R-21!");
}

#[test]
fn a_report_asks_for_nothing() {
    let mut report = metadata(Kind::Report, "云州市财政局关于值班情况的报告", "finance", &["gov"]);
    report.publicity = None;
    assert_eq!(said(report.clone(), "情况如下。\n特此报告。", Moment::Submit), "");
    assert_eq!(
        said(report, "情况如下。拟增加经费，请予批准。\n特此报告。", Moment::Submit),
        "R-08"
    );
}

#[test]
fn wording_only_warns() {
    let cases = [
        ("一.落实值班制度\n各单位要严格执行。", "W-02"),
        ("1、落实值班制度", "W-02"),
        ("（一）、落实值班制度", "W-02"),
        ("各单位要严格执行,不得脱岗。", "W-03"),
    ];
    for (text, rule) in cases {
        assert_eq!(said(notice(), text, Moment::Submit), rule, "{text}");
    }
    assert_eq!(said(notice(), &"防汛".repeat(2501), Moment::Submit), "W-01");
    let title = Metadata {
        title: "云州市人民政府关于防汛，抗旱的通知".into(), ..notice()
    };
    assert_eq!(said(title, TEXT, Moment::Submit), "W-04");
}

#[test]
fn withholding_needs_a_reason_before_signing() {
    let withheld = Metadata { publicity: Some(Publicity::Withheld), ..notice() };
    assert_eq!(said(withheld.clone(), TEXT, Moment::Submit), "");
    assert_eq!(said(withheld, TEXT, Moment::Sign), "E-13!");
}

#[test]
fn number_after_signing_and_dispatch_after_the_file() {
    let body = Body::from_plain(TEXT);
    let mut document = document(notice(), &body);
    let ids = |document: &wenshu_document::Document, moment| -> Vec<String> {
        check(document, &body, &city(), moment).into_iter().map(|finding| finding.rule).collect()
    };
    assert_eq!(ids(&document, Moment::Number), ["E-05"]);
    let written_on = at(1).date_naive();
    document.apply(&DocumentEvent::Signed {
        by: clerk("gov"),
        signer: "周一".into(),
        written_on,
        at: at(1),
    });
    assert!(ids(&document, Moment::Number).is_empty());
    assert_eq!(ids(&document, Moment::Dispatch), ["E-06", "E-09", "E-10"]);
    let number = Number { code: "云政发".into(), year: 2025, seq: 1 };
    document.apply(&DocumentEvent::Numbered { number, series: "gov".into(), by: None, at: at(2) });
    let (pdf, substitutions) = ("ff".to_owned(), vec![]);
    document.apply(&DocumentEvent::Rendered {
        version: 1,
        pdf,
        pages: 2,
        substitutions,
        at: at(2),
    });
    assert_eq!(ids(&document, Moment::Dispatch), ["E-07", "E-10"]);
}
