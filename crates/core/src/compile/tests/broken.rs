//! Broken files. `«…»` marks where the problem must be found, to the column.

use super::words;
use crate::compile::{Problem, compile};

/// A flow around `steps`, whose first line may be indented at will.
fn flow(steps: &str) -> String {
    format!("workflow: f\ntitle: 流程\ncarries: document\nsteps:\n{steps}")
}

fn problems(source: &str) -> Vec<Problem> {
    match compile(source, &words()) {
        Ok(_) => vec![],
        Err(problems) => problems,
    }
}

/// The marked source must have exactly the marked problems, with these codes, in the order of the file.
fn expect(marked: &str, codes: &[&str]) {
    let mut source = String::new();
    let (mut line, mut column) = (1, 1);
    let mut starts = vec![];
    let mut places = vec![];
    for c in marked.chars() {
        match c {
            '«' => starts.push((line, column)),
            '»' => {
                let (from_line, from) = starts.pop().expect("« before »");
                let end = if from_line == line { column } else { usize::MAX };
                places.push((from_line, from, end));
            }
            '\n' => {
                source.push(c);
                (line, column) = (line + 1, 1);
            }
            _ => {
                source.push(c);
                column += 1;
            }
        }
    }
    places.sort_unstable();
    let found = problems(&source);
    let told: Vec<_> =
        found.iter().map(|problem| (problem.line, problem.column, problem.code.as_str())).collect();
    let wanted: Vec<_> =
        places.iter().zip(codes).map(|(&(line, column, _), &code)| (line, column, code)).collect();
    let shown = || found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n");
    assert_eq!(told, wanted, "in\n{source}\nfound\n{}", shown());
    assert_eq!(places.len(), codes.len(), "one mark for each code");
    for (problem, (_, _, end)) in found.iter().zip(places) {
        assert!(end == usize::MAX || problem.end_column == end, "ends elsewhere:\n{problem}");
    }
}

/// A step that is fine, before or after a broken one.
const OK: &str = "  - { id: a, title: 拟稿, by: initiator }\n";

fn step(marked: &str, codes: &[&str]) {
    expect(&flow(&format!("{OK}{marked}\n")), codes);
}

#[test]
fn a_sound_flow_has_no_problem() {
    expect(&flow(OK), &[]);
}

#[test]
fn syntax_is_placed_by_the_parser() {
    expect(&flow("  - «{» id: a, title: 拟稿, by: initiator\n  - id: b\n"), &["yaml_syntax"]);
    expect(
        "workflow: f\ntitle«:» a: b\n".replace("title«:» a:", "title: a«:»").as_str(),
        &["yaml_syntax"],
    );
    expect(&flow("  - id: a\n    title: «@»拟稿\n"), &["yaml_syntax"]);
    expect(&flow("  - id: a\n    by: «*»nobody\n"), &["yaml_syntax"]);
    expect("«»", &["empty_file"]);
}

#[test]
fn keys() {
    expect(
        &flow(OK).replace("title: 流程", "«titel»: 流程").replace("workflow", "«workflow»"),
        &["missing_key", "unknown_key"],
    );
    step("  - { id: b, title: 审核, by: initiator, «edti»: [title] }", &["unknown_key"]);
    step("  - { id: b, title: 审核, «title»: 再审, by: initiator }", &["duplicate_key"]);
    step("  - { «id»: b, title: 审核 }", &["missing_key"]);
    step("  - { «title»: 审核, by: initiator }", &["missing_key"]);
    step("  - { id: «审核», title: 审核, by: initiator }", &["bad_id"]);
    step("  - { id: «a», title: 审核, by: initiator }", &["duplicate_id"]);
    step("  - { id: «end», title: 审核, by: initiator }", &["bad_id"]);
}

#[test]
fn what_is_not_built_yet_is_refused_by_name() {
    step(
        "  - { id: b, title: 审核, by: initiator, «remind»: 1d, «on_due»: urge }",
        &["not_built_yet"; 2],
    );
    step("  - { id: b, title: 审核, by: initiator, vote: { «ratio»: 2/3 } }", &["not_built_yet"]);
    step(
        "  - { id: b, title: 审核, by: initiator, vote: «sequence», do: [«publish»] }",
        &["not_built_yet"; 2],
    );
    step(
        "  - { id: b, title: 审核, by: { role: x, «same_person»: skip }, can: [approve, «add_signer»] }",
        &["not_built_yet"; 2],
    );
    step("  - { id: b, title: 审核, by: initiator, «sub_flow»: other }", &["not_built_yet"]);
    expect(&format!("{}«migrate»: {{}}\n", flow(OK)), &["not_built_yet"]);
    let found = problems(&flow("  - { id: b, title: 审核, by: initiator, remind: 1d }\n"));
    assert_eq!(found[0].message, "键 remind（到期提醒）尚未提供");
}

#[test]
fn types_and_words() {
    step("  - { id: b, title: 审核, by: initiator, claim: «yes» }", &["wrong_type"]);
    step(
        "  - { id: b, title: [«»], by: initiator }".replace("[«»]", "«[审核]»").as_str(),
        &["wrong_type"],
    );
    step("  - «审核»", &["wrong_type"]);
    step("  - { id: b, title: 审核, by: initiator, edit: «title» }", &["wrong_type"]);
    step("  - { id: b, title: 审核, by: initiator, edit: «[]» }", &["empty"]);
    step("  - { id: b, title: 审核, by: initiator, due: «2天» }", &["bad_due"]);
    step("  - { id: b, title: 审核, by: initiator, due: «0wd» }", &["bad_due"]);
    step("  - { id: b, title: 审核, by: initiator, can: [«aprove»] }", &["unknown_word"]);
    step(
        "  - { id: b, title: 审核, by: initiator, on_refuse: «stop», send_back: { resume: «later» } }",
        &["unknown_word"; 2],
    );
    step(
        "  - { id: b, title: 审核, by: initiator, edit: [titel, body] }"
            .replace("titel", "«titel»")
            .as_str(),
        &["unknown_field"],
    );
    step("  - { id: b, title: 审核, by: initiator, do: [«numbr»] }", &["unknown_effect"]);
    expect("workflow: f\ntitle: 流程\ncarries: document\nsteps: «[]»\n", &["empty"]);
}

#[test]
fn one_carrier() {
    expect(
        "«workflow»: f\ntitle: 流程\nsteps:\n  - { id: a, title: 拟稿, by: initiator }\n",
        &["no_carrier"],
    );
    let both = "workflow: f\ntitle: 流程\ncarries: document\n«form»: { x: { title: 甲, type: text } }\nsteps:\n";
    expect(&format!("{both}{OK}"), &["carries_and_form"]);
    expect(&flow(OK).replace("carries: document", "carries: «documnt»"), &["unknown_word"]);
    let form = "workflow: f\ntitle: 流程\nform:\n  days: { title: 天数, type: «numbr» }\n  «kind»: { title: 类别, type: choice }\n  «类»: { type: text }\nsteps:\n";
    expect(&format!("{form}{OK}"), &["unknown_word", "missing_key", "bad_id"]);
}

#[test]
fn selectors() {
    step("  - { id: b, title: 审核, by: «initator» }", &["unknown_selector"]);
    step("  - { id: b, title: 审核, by: { «rle»: x } }", &["unknown_key"]);
    step("  - { id: b, title: 审核, by: { role: x, «user»: y } }", &["two_selectors"]);
    step("  - { id: b, title: 审核, by: { head_of: «initiator.unti» } }", &["unknown_unit"]);
    step("  - { id: b, title: 审核, by: { head_of: initiator.unit.«top» } }", &["unknown_unit"]);
    step("  - { id: b, title: 审核, by: { head_of: doc.«orgn» } }", &["unknown_field"]);
    step("  - { id: b, title: 审核, by: { head_of: doc.«title» } }", &["field_type"]);
    step("  - { id: b, title: 审核, by: { registry_of: «unit» } }", &["unknown_unit"]);
    step("  - { id: b, title: 审核, by: { role: x, «level»: 2 } }", &["stray_key"]);
    step("  - { id: b, title: 审核, by: { role: x, «topic»: 财政 } }", &["stray_key"]);
    for (topic, codes) in [
        ("财政", &[][..]),
        ("doc.title", &[]),
        ("doc.kind", &[]),
        ("doc.«nothing»", &["unknown_field"]),
        ("«form».title", &["unknown_field"]),
        ("doc.«body»", &["field_type"]),
        ("«[a]»", &["wrong_type"]),
        ("«\"\"»", &["empty"]),
    ] {
        let by = format!("{{ in_charge_of: initiator.unit, topic: {topic} }}");
        step(&format!("  - {{ id: b, title: 审核, by: {by} }}"), codes);
    }
    step("  - { id: b, title: 审核, by: { did: «c» } }", &["unknown_step"]);
    step("  - { id: b, title: 审核, by: { did: «b» } }", &["not_before"]);
    step("  - { id: b, title: 审核, by: «[]» }", &["empty"]);
    step("  - { id: b, title: 审核, by: { role: x, when_empty: «pas» } }", &["unknown_word"]);
    step(
        "  - { id: b, title: 审核, by: [{ role: x, «exclude»: initiator }, initiator] }",
        &["stray_key"],
    );
}

#[test]
fn seals_belong_to_their_keepers() {
    step("  - { id: b, title: 用印, by: initiator, do: [«seal»] }", &["keeper_only"]);
    step("  - { do: [«seal»] }", &["keeper_only"]);
    step("  - { id: b, title: 用印, by: { keeper_of: doc.organ }, do: [seal] }", &[]);
    step(
        "  - { id: b, title: 用印, by: { keeper_of: doc.organ, when_empty: { role: x } }, do: [«seal»] }",
        &["keeper_only"],
    );
    step(
        "  - { id: b, title: 用印, by: { keeper_of: doc.organ }, can: «[approve, transfer]», do: [seal] }",
        &["keeper_only"],
    );
    let form = "workflow: f\ntitle: 流程\nform: { x: { title: 甲, type: text } }\nsteps:\n";
    expect(&format!("{form}{OK}  - {{ do: [«dispatch»] }}\n"), &["effect_without_document"]);
}

#[test]
fn send_back_goes_to_what_lies_before() {
    step(
        "  - { id: b, title: 审核, by: initiator, send_back: { to: [a, «c»] } }\n  - { id: c, title: 签发, by: initiator }",
        &["not_before"],
    );
    step("  - { id: b, title: 审核, by: initiator, send_back: { to: [«z»] } }", &["unknown_step"]);
    let branches = "  - parallel:
      - steps: [{ id: b, title: 甲, by: initiator }]
      - steps: [{ id: c, title: 乙, by: initiator, send_back: { to: [a, «b»] } }]";
    step(branches, &["not_before"]);
    step(
        "  - { id: s, do: [archive] }\n  - { id: b, title: 审核, by: initiator, send_back: { to: [«s»] } }",
        &["not_a_handled_step"],
    );
}

#[test]
fn picks_are_made_before_they_are_used() {
    let pick = "  - { id: p, title: 拟办, by: initiator, pick: { who: { title: 单位, units: true }, men: { people: any } } }";
    step(&format!("{pick}\n  - circulate: {{ picked: «whom» }}"), &["unknown_pick"]);
    step(&format!("{pick}\n  - circulate: {{ picked: «who» }}"), &["pick_kind"]);
    step(&format!("  - circulate: {{ picked: «men» }}\n{pick}"), &["not_before"]);
    let each = "  - for_each: { unit: picked.who }\n    lead: picked.«who»\n    steps: [{ id: h, title: 承办, by: { registry_of: unit } }]";
    step(&format!("{pick}\n{each}"), &["pick_kind"]);
    step(
        "  - { id: p, title: 拟办, by: initiator, pick: { «who»: { title: 单位 } } }",
        &["pick_kind"],
    );
}

#[test]
fn choices() {
    let one = |when: &str| {
        format!("  - choose:\n      - when: {when}\n        steps: []\n      - otherwise: []")
    };
    step(
        "  - «choose»:\n      - when: doc.urgency == \"特急\"\n        steps: []",
        &["no_otherwise"],
    );
    step(
        "  - choose:\n      - otherwise: []\n      - «when»: doc.urgency == \"特急\"\n        steps: []",
        &["after_otherwise"],
    );
    step(&one("doc.«urgncy» == \"特急\""), &["unknown_field"]);
    step(&one("doc.urgency == «\"特级\"»"), &["unknown_option"]);
    step(&one("«doc.recipients > 3»"), &["condition_type"]);
    step(&one("size(doc.recipients) > 3 && «docs».x == 1"), &["unknown_name"]);
    step(&one("«doc.title»"), &["condition_type"]);
    step(&one("doc.urgency «=» \"特急\""), &["condition_syntax"]);
    step(&one("doc.urgency == «“»特急”"), &["condition_syntax"]);
    step(&one("'doc.«urgncy» == \"特急\"'"), &["unknown_field"]);
    step(&one("«nosuch»(doc.title)"), &["unknown_function"]);
    step(
        &one("doc.«urgncy» == \"特急\" || doc.kind == «\"通之\"»"),
        &["unknown_field", "unknown_option"],
    );
    step(&one("«lead»"), &["unknown_name"]);
    step(
        "  - choose: «[]»".replace("choose: «[]»", "«choose»: «[]»").as_str(),
        &["no_otherwise", "empty"],
    );
}

#[test]
fn jumps_stay_in_their_block() {
    step("  - { id: b, title: 审核, by: initiator, next: «c» }", &["unknown_step"]);
    let block = |next: &str| {
        format!(
            "  - id: p\n    parallel:\n      - steps: [{{ id: b, title: 甲, by: initiator, next: {next} }}]\n      - steps: [{{ id: c, title: 乙, by: initiator }}]\n  - {{ id: z, title: 末, by: initiator }}"
        )
    };
    step(&block("«z»"), &["jump_across_block"]);
    step(&block("«c»"), &["jump_across_block"]);
    step(
        "  - { id: b, title: 审核, by: initiator, next: d }\n  - { «id»: c, title: 乙, by: initiator }\n  - { id: d, title: 丙, by: initiator }",
        &["unreachable"],
    );
    step(
        "  - { «id»: b, title: 审核, by: initiator, next: b }"
            .replace("«id»", "id")
            .replace("next: b", "next: «b»")
            .as_str(),
        &["never_ends"],
    );
}

#[test]
fn a_loop_must_pass_a_person() {
    let circle = |again: &str| {
        format!(
            "  - {{ id: l, do: [finalise] }}\n  - choose:\n      - when: doc.urgency == \"加急\"\n        steps: [{again}]\n      - otherwise: []"
        )
    };
    step(&circle("{ id: r, do: [archive], next: «l» }"), &["loop_without_person"]);
    step(&circle("{ id: r, circulate: initiator, next: «l» }"), &["loop_without_person"]);
    step(
        &circle("{ id: r, title: 再审, by: { role: x, when_empty: pass }, next: «l» }"),
        &["loop_without_person"],
    );
    // Also where those named instead may be missing too.
    step(
        &circle(
            "{ id: r, title: 再审, by: { role: x, when_empty: { role: y, when_empty: pass } }, next: «l» }",
        ),
        &["loop_without_person"],
    );
    step(&circle("{ id: r, title: 再审, by: initiator, next: l }"), &[]);
}

#[test]
fn everything_is_said_at_once() {
    let source = "workflow: F
titel: 流程
carries: document
steps:
  - { id: a, title: 拟稿, by: initator, edit: [titel] }
  - { id: a, title: 审核, due: 2days, remind: 1d }
  - choose:
      - when: doc.urgncy == 1
        steps: [{ id: c, title: 签发, by: { head_of: initiator.unit }, next: nowhere }]
tests:
  - { name: 一, by: 林晓, given: { urgency: 很急 }, play: [林晓 提交] }
";
    let codes: Vec<String> = problems(source)
        .into_iter()
        .map(|problem| format!("{}:{}", problem.line, problem.code))
        .collect();
    assert_eq!(
        codes,
        [
            "1:missing_key",
            "1:bad_id",
            "2:unknown_key",
            "5:unknown_selector",
            "5:unknown_field",
            "6:missing_key",
            "6:duplicate_id",
            "6:bad_due",
            "6:not_built_yet",
            "7:no_otherwise",
            "8:unknown_field",
            "9:unknown_step",
            "11:field_type",
            "11:bad_test"
        ]
    );
}

#[test]
fn a_problem_shows_its_line_and_what_to_write() {
    let found = problems(&flow("  - { id: a, title: 拟稿, by: initiator, edit: [titel] }\n"));
    insta::assert_snapshot!(found[0].to_string(), @r"
    第5行第47列：没有名为“titel”的字段
    5 |   - { id: a, title: 拟稿, by: initiator, edit: [titel] }
      |                                                 ^^^^^
    提示：是否想写“title”？
    ");
}

#[test]
fn bombs_are_defused() {
    expect(
        &flow("  - { id: a, title: «&x» 拟稿, by: initiator }\n").replace("«&x» 拟稿", "&x «拟稿»"),
        &["yaml_feature"],
    );
    let bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n";
    assert!(problems(bomb).iter().any(|problem| problem.code == "yaml_feature"));
    let deep = format!("steps: {}{}", "[".repeat(60), "]".repeat(60));
    assert_eq!(problems(&deep)[0].code, "too_complex");
    let abyss = format!("steps: {}", "[".repeat(100_000));
    assert_eq!(problems(&abyss).len(), 1);
    let wide = format!("steps: [{}]", "a,".repeat(30_000));
    assert_eq!(problems(&wide)[0].code, "too_complex");
    let long = format!("title: {}", "长".repeat(100_000));
    assert_eq!(problems(&long)[0].code, "too_large");
    assert_eq!(problems("a: 1\n--- \nb: 2\n")[0].code, "yaml_feature");
    assert_eq!(problems(&format!("{}{}", "# 说明\n".repeat(300), flow(OK))), []);
    let garbage = "\u{0}\u{1}: [\u{feff}";
    assert!(!problems(garbage).is_empty());
}

proptest::proptest! {
    #[test]
    fn no_file_breaks_the_reader(
        flow in 0..4usize, at in 0..4000usize, cut in 0..40usize,
        put in proptest::sample::select(vec!["", " ", "\n", "- ", ": ", "{", "}", "[", "]", "\"", "'", "#", "&a ", "*a", "|", "特", "id", "next: draft", "\t", "!!", "---\n"])
    ) {
        let (_, source) = super::shipped::FLOWS[flow];
        let mut chars: Vec<char> = source.chars().collect();
        let at = at % chars.len();
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, put.chars());
        let broken: String = chars.into_iter().collect();
        for problem in problems(&broken) {
            let line = broken.lines().nth(problem.line - 1).unwrap_or("");
            proptest::prop_assert!(problem.column <= line.chars().count() + 1, "{problem}");
            proptest::prop_assert!(problem.from <= problem.to && problem.to <= broken.encode_utf16().count(), "{problem}");
            proptest::prop_assert!(!problem.message.is_empty());
        }
    }
}
