//! Conditions by example, held against `cel` itself on the same inputs, and under attack.

use super::{Condition, Fault, Names, Scope};
use crate::value::{Facts, Field, FieldType, Value};
use std::collections::BTreeMap;

fn fields() -> Vec<Field> {
    let field = |name: &str, kind: FieldType, options: &[&str]| Field {
        name: name.into(),
        title: name.into(),
        kind,
        required: false,
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    };
    vec![
        field("title", FieldType::Text, &[]),
        field("urgency", FieldType::Choice, &["无", "加急", "特急"]),
        field("recipients", FieldType::Units, &[]),
        field("copies", FieldType::Number, &[]),
        field("public", FieldType::Bool, &[]),
        field("written_on", FieldType::Date, &[]),
        field("organ", FieldType::Unit, &[]),
    ]
}

fn facts() -> Facts {
    Facts::from([
        ("title".into(), Value::Text("关于防汛的通知".into())),
        ("urgency".into(), Value::Text("特急".into())),
        ("recipients".into(), Value::List(vec!["caizheng".into(), "sifa".into()])),
        ("copies".into(), Value::Number(30.0)),
        ("public".into(), Value::Bool(true)),
        ("written_on".into(), Value::Text("2026-03-05".into())),
        ("organ".into(), Value::Text("shi".into())),
    ])
}

fn read(source: &str) -> Result<Condition, Vec<Fault>> {
    let fields = fields();
    Condition::compile(source, &Names { root: "doc", fields: &fields, each: &["unit".to_owned()] })
}

fn holds(source: &str, facts: &Facts) -> Result<bool, String> {
    let condition = read(source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    condition.holds(&Scope {
        facts,
        initiator_unit: "wenmi".into(),
        initiator_organ: "shifuban".into(),
        initiator_person: "lin-xiao".into(),
        each: BTreeMap::from([("unit".to_owned(), "caizheng".to_owned())]),
        lead: Some(true),
    })
}

/// True of the facts above; numbers of fields are doubles to CEL.
const TRUE: &[&str] = &[
    r#"doc.urgency == "特急""#,
    r#"doc.urgency != '加急' && size(doc.recipients) >= 2"#,
    r#"doc.urgency in ["加急", "特急"]"#,
    r#""caizheng" in doc.recipients && !("jiaoyu" in doc.recipients)"#,
    "doc.copies > 20 && doc.copies <= 30.0",
    "doc.copies * 2.0 - 10.0 == 50.0",
    "doc.copies / 4.0 == 7.5",
    "-doc.copies < 0",
    "doc.public",
    "!doc.public || doc.copies > 1",
    r#"doc.written_on >= "2026-03-01" && doc.written_on < "2026-04-01""#,
    r#"doc.title.contains("防汛") && doc.title.startsWith("关于") && doc.title.endsWith("通知")"#,
    "size(doc.title) == 7",
    r#"(doc.public ? doc.copies : 0.0) == 30.0"#,
    r#"doc.title + "（试行）" == "关于防汛的通知（试行）""#,
    r#"initiator.unit == "wenmi" && initiator.organ != initiator.unit && initiator.person == "lin-xiao""#,
    r#"unit == "caizheng" && lead"#,
    "true || doc.copies / 0.0 > 1.0",
];

#[test]
fn conditions_mean_what_cel_says() {
    let mut context = cel::Context::default();
    let facts = facts();
    context.add_variable("doc", &facts).expect("facts are values");
    let initiator =
        BTreeMap::from([("unit", "wenmi"), ("organ", "shifuban"), ("person", "lin-xiao")]);
    context.add_variable("initiator", &initiator).expect("names are values");
    context.add_variable("unit", "caizheng").expect("a text is a value");
    context.add_variable("lead", true).expect("a truth value is a value");
    for source in TRUE {
        for (source, truth) in [((*source).to_owned(), true), (format!("!({source})"), false)] {
            assert_eq!(holds(&source, &facts), Ok(truth), "{source}");
            let program = cel::Program::compile(&source).expect("it is CEL");
            assert_eq!(
                program.execute(&context).ok(),
                Some(cel::Value::Bool(truth)),
                "cel on {source}"
            );
        }
    }
}

#[test]
fn what_was_not_filled_in_reads_as_blank() {
    let none = Facts::new();
    let blank = r#"doc.title == "" && doc.urgency == "" && size(doc.recipients) == 0 && doc.copies == 0 && !doc.public && doc.organ == """#;
    assert_eq!(holds(blank, &none), Ok(true));
    assert_eq!(holds("doc.copies / doc.copies == 1", &none), Err("除数为零".into()));
}

#[test]
fn faults_name_their_place() {
    for (source, code, at) in [
        (r#"doc.urgncy == "特急""#, "unknown_field", "urgncy"),
        (r#"doc.urgency == "特级""#, "unknown_option", "\"特级\""),
        (r#"doc.urgency in ["加急", "特级"]"#, "unknown_option", "\"特级\""),
        ("doc.copies == \"3\"", "condition_type", "doc.copies == \"3\""),
        ("doc.copies && true", "condition_type", "doc.copies && true"),
        ("doc.recipients > 2", "condition_type", "doc.recipients > 2"),
        ("doc.organ == initiator.person", "condition_type", "doc.organ == initiator.person"),
        ("doc.written_on > \"三月\"", "condition_type", "\"三月\""),
        ("doc.copies + 1", "condition_type", "doc.copies + 1"),
        ("title == \"\"", "unknown_name", "title"),
        ("initiator.nit == \"\"", "unknown_field", "nit"),
        ("form.title == \"\"", "unknown_name", "form"),
        ("has(doc.title)", "condition_unsupported", "(doc"),
        ("getenv(doc.title) == 1", "unknown_function", "getenv"),
        ("doc.title == null", "condition_unsupported", "null"),
    ] {
        let faults = read(source).expect_err(source);
        assert_eq!(faults[0].code, code, "{source}: {faults:?}");
        let found = &source[faults[0].at.clone()];
        assert!(found.starts_with(at) || found.contains(at), "{source}: at {found}");
    }
    let hint = read(r#"doc.urgncy == "特急""#).expect_err("a misspelt field")[0].hint.clone();
    assert_eq!(hint.as_deref(), Some("是否想写“urgency”？"));
}

#[test]
fn attacks_are_refused_at_once_on_a_small_stack() {
    let motif = "!!(!!!!!!(!!!!(((((!!(!!(!!!!((";
    let five = |list: &str| {
        format!(
            "{list}.all(a,{list}.all(b,{list}.all(c,{list}.all(d,{list}.all(e,a+b+c+d+e>=0)))))"
        )
    };
    let doubling =
        (0..40).fold("[1,1]".to_owned(), |list, i| format!("[{list}].map(v{i}, v{i}+v{i})[0]"));
    let mut attacks = vec![
        format!("{}1", motif.repeat(4)),
        format!("{}1{}", "(".repeat(5000), ")".repeat(5000)),
        format!("{}1{}", "(".repeat(24), ")".repeat(24)),
        format!("{}1{}", "[".repeat(24), "]".repeat(24)),
        format!("1{} > 0", "+1".repeat(20_000)),
        format!("1{} > 0", "+1".repeat(500)),
        format!("{}1 > 0", "-".repeat(1000)),
        format!("doc{}", ".b".repeat(500)),
        format!("{}true", "true?true:".repeat(90)),
        format!("true{}", " || true".repeat(120)),
        format!("{}true", "! ".repeat(500)),
        five("[0,1,2,3]"),
        doubling + " == []",
        "doc.recipients.all(a, a == \"x\")".into(),
        "\"".repeat(1001),
        "\\".repeat(100),
    ];
    let hidden = "(".repeat(300);
    attacks.push(format!("'{hidden}"));
    // Brackets behind quotes that end elsewhere for CEL than they seem to.
    attacks.push(format!(r#"r"\" == {hidden}"x""#));
    attacks.push(format!(r#"""" " """ == {hidden}"x""#));
    attacks.push(format!("\"x\n == {hidden}\""));
    attacks.push(format!("doc.public // \"\n && {hidden}"));
    for attack in attacks {
        assert!(read(&attack).is_err(), "accepted {}", attack.chars().take(60).collect::<String>());
    }
}

proptest::proptest! {
    #[test]
    fn no_condition_breaks_the_reader(words in proptest::collection::vec(
        proptest::sample::select(vec!["!", "-", "(", ")", "[", "]", "{", "}", "?", ":", "&&", "||", "==", "in", "+", ".", ",",
            "doc.title", "doc.copies", "doc.urgency", "size", "has", "\"特急\"", "'", "\"", "1", "2.5", "null", "true", "all", "x", "“", "\\", "\n"]), 0..60)) {
        let source = words.join(" ");
        if let Err(faults) = read(&source) {
            for fault in faults {
                proptest::prop_assert!(source.get(fault.at.clone()).is_some(), "{source}: {fault:?}");
            }
        }
    }
}

#[test]
fn the_largest_condition_allowed_is_read_on_a_small_stack() {
    let deep = format!("{}doc.public{}", "(".repeat(8), ")".repeat(8));
    assert_eq!(holds(&deep, &facts()), Ok(true));
    let wide = format!("doc.public{}", " && doc.public".repeat(40));
    assert_eq!(holds(&wide, &facts()), Ok(true));
    let both = format!("{}true{}", "!(".repeat(8), ")".repeat(8));
    assert_eq!(holds(&both, &facts()), Ok(true));
}
