//! Every refusal there is: brought about by an act, and told in words that say which rule refused, who could, and
//! what to do next. The list of codes is asked of the type itself: a code that no act brings about fails the test.

use super::{Played, actor, barred, begin, carrying, person, play, refused, task};
use crate::{
    command::{Actor, Answer, Chosen, Command, Completion, Outcome, Picked},
    event::Event,
    id::{AskId, TaskId, VisitId},
    rejection::Rejection,
    value::{Facts, Value},
    workflow::Resume,
};
use std::collections::BTreeSet;

/// A flow with something of everything.
fn flow() -> String {
    carrying(
        "  - id: draft
    title: 拟稿
    by: initiator
    edit: [title, body, countersign_units, urgency]
    require: [title]
    can: [approve, cc, circulate, urge, withdraw, terminate]
    pick: { helper: { title: 协助人员, people: { role: bureau-leaders }, required: true } }
  - { id: head, title: 审核, by: { head_of: initiator.unit }, send_back: { to: [draft], resume: stepwise } }
  - { id: check, title: 核稿, by: { registry_of: initiator.unit.organ }, claim: true, edit: [body] }
  - { id: last, title: 定稿, by: { picked: helper } }
",
    )
}

const LOAN: &str = "
workflow: loan
title: 借用
form: { from: { title: 出借单位, type: unit } }
steps:
  - { id: write, title: 填写, by: initiator, edit: [from] }
";

fn drafted() -> Played {
    begin(&flow(), "林晓", "title=通知")
}

pub(super) fn completed(task: TaskId) -> Completion {
    Completion {
        task,
        outcome: Outcome::Approved,
        opinion: String::new(),
        changes: Facts::new(),
        picks: Default::default(),
        seen: None,
    }
}

fn submitted() -> Played {
    let mut player = drafted();
    play(&mut player, "林晓 选 helper=冯琪；提交 -> 周明@审核");
    player
}

/// Somebody else than the initiator has it.
fn kept() -> Played {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: again, title: 复核, by: { head_of: initiator.unit, exclude: initiator } }
",
    );
    let mut player = begin(&flow, "林晓", "title=通知");
    play(&mut player, "林晓 提交");
    player
}

fn sealing() -> Played {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: seal, title: 用印, by: { keeper_of: doc.organ }, can: [approve], do: [seal] }
",
    );
    let mut player = begin(&flow, "林晓", "title=通知 organ=财政局");
    play(&mut player, "林晓 提交");
    player
}

fn checked() -> Played {
    let mut player = submitted();
    play(&mut player, "周明 同意 -> 市政府办公室@核稿");
    player
}

fn approve(task: TaskId) -> Command {
    Command::Complete(completed(task))
}

fn with_field(task: TaskId, name: &str, value: Value) -> Command {
    Command::Complete(Completion {
        changes: Facts::from([(name.to_owned(), value)]),
        ..completed(task)
    })
}

fn to(player: &Played, name: &str) -> Chosen {
    Chosen { person: person(player, name), post: None }
}

fn back(task: TaskId, step: &str, resume: Option<Resume>) -> Command {
    Command::SendBack { task, to: step.into(), resume, opinion: "请改".into() }
}

/// A refusal brought about by `name` with a command made for the case as it stands.
fn by(mut player: Played, name: &str, command: impl FnOnce(&Played) -> Command) -> Rejection {
    let command = command(&player);
    barred(&mut player, name, command)
}

fn system(mut player: Played, command: Command) -> Rejection {
    player.ask(Actor::System, command).expect_err("it was to be refused")
}

fn brought_about() -> Vec<(Rejection, &'static str)> {
    let number = |text: &str| Value::Text(text.into());
    let reason = || "理由".to_owned();
    let unstarted = |command| {
        let player = drafted();
        let case = crate::Case::new(player.case.id);
        crate::decide(&player.context(&actor(&player, "林晓")), case, command)
            .expect_err("nothing has started")
    };
    let ended = || {
        let mut player = submitted();
        play(&mut player, "何平 终止 重复 -> 终止");
        player
    };
    let claimed = || {
        let mut player = checked();
        play(&mut player, "吴静 认领");
        player
    };
    let reading = || {
        let mut player = submitted();
        play(&mut player, "周明 传阅 方毅");
        player
    };
    vec![
        (
            by(drafted(), "林晓", |_| Command::Start { title: "再来".into() }),
            "该办件已经启动，不能重复启动。请直接打开它办理。",
        ),
        (unstarted(Command::Withdraw { reason: reason() }), "该办件尚未启动。请先提交。"),
        (
            by(ended(), "何平", |_| Command::Terminate { task: None, reason: reason() }),
            "该办件已经办结，不能再办理。如需继续，请重新发起。",
        ),
        (
            by(drafted(), "林晓", |_| approve(TaskId(99))),
            "办件中没有第99号待办。请刷新页面后再试。",
        ),
        (
            by(submitted(), "许诺", |player| approve(task(player, "审核"))),
            "这件待办不在您手中，由“周明（文秘科 科长）”办理。需要您办理的，请其转办给您。",
        ),
        (
            by(checked(), "周明", |player| approve(task(player, "审核"))),
            "该待办已由周明（文秘科 科长）于3月2日09:02办理，您的操作没有生效。请查看最新情况。",
        ),
        (
            {
                let mut player = drafted();
                play(
                    &mut player,
                    "林晓 改 body=一 选 helper=冯琪；提交".replace(" 选", "；选").as_str(),
                );
                by(player, "周明", |player| {
                    Command::Complete(Completion {
                        seen: Some(1),
                        ..completed(task(player, "审核"))
                    })
                })
            },
            "文稿已从第1版改为第2版，您看到的不是最新文本。请查看改动后再签署意见。",
        ),
        (
            by(submitted(), "周明", |player| Command::Terminate {
                task: Some(task(player, "审核")),
                reason: reason(),
            }),
            "“审核”环节不允许终止。本环节可以：“同意”、“退回”、“转办”、“抄送”、“传阅”、“撤回”、“催办”。",
        ),
        (
            by(submitted(), "周明", |player| Command::SendBack {
                task: task(player, "审核"),
                to: "draft".into(),
                resume: None,
                opinion: "  ".into(),
            }),
            "请填写意见：退回或不同意必须说明理由。",
        ),
        (
            by(submitted(), "何平", |_| Command::Terminate { task: None, reason: String::new() }),
            "请填写理由：此操作必须说明原因并记录在案。",
        ),
        (
            by(submitted(), "周明", |player| {
                let opinion = "长".repeat(2001);
                Command::Complete(Completion { opinion, ..completed(task(player, "审核")) })
            }),
            "意见超过2000个字，请精简后再提交。",
        ),
        (
            by(submitted(), "周明", |player| {
                with_field(task(player, "审核"), "body", number("甲"))
            }),
            "“审核”环节不能修改“正文”。需要修改的，请退回拟稿人或有权修改的环节。",
        ),
        (
            by(drafted(), "林晓", |player| with_field(task(player, "拟稿"), "sum", number("1"))),
            "没有名为“sum”的字段。请刷新页面后再试。",
        ),
        (
            by(drafted(), "林晓", |player| {
                with_field(task(player, "拟稿"), "urgency", number("急"))
            }),
            "“紧急程度”应当是下列之一：无、加急、特急。请更正后再提交。",
        ),
        (
            by(drafted(), "林晓", |player| {
                with_field(task(player, "拟稿"), "title", number(" "))
            }),
            "请先填写“标题”，再提交。",
        ),
        (
            by(drafted(), "林晓", |player| approve(task(player, "拟稿"))),
            "请选择“协助人员”，下一环节据此分办。",
        ),
        (
            by(drafted(), "林晓", |player| {
                let people = vec![to(player, "周明")];
                let picked = Picked { people, ..Picked::default() };
                let picks = [("helper".to_owned(), picked)].into();
                Command::Complete(Completion { picks, ..completed(task(player, "拟稿")) })
            }),
            "周明（文秘科 科长）不在流程规定的可选范围内，请从列出的人员中选择。",
        ),
        (
            by(submitted(), "周明", |player| Command::Transfer {
                task: task(player, "审核"),
                to: Chosen { person: "nobody".into(), post: None },
                opinion: String::new(),
            }),
            "“nobody”不在组织机构中、已停用，或不担任所选岗位。请重新选择。",
        ),
        (
            by(begin(LOAN, "林晓", ""), "林晓", |player| {
                with_field(task(player, "填写"), "from", Value::Text("shuiwu".into()))
            }),
            "单位“shuiwu”不在组织机构中。请重新选择。",
        ),
        (
            by(submitted(), "周明", |player| Command::Cc {
                task: Some(task(player, "审核")),
                to: vec![],
                note: String::new(),
            }),
            "没有选择任何人。请至少选择一人。",
        ),
        (
            by(submitted(), "周明", |player| Command::Transfer {
                task: task(player, "审核"),
                to: to(player, "周明"),
                opinion: String::new(),
            }),
            "周明（文秘科 科长）正在办理或已经办理过本环节，不能再转给同一个人。请另选他人。",
        ),
        (
            by(submitted(), "周明", |player| back(task(player, "审核"), "last", None)),
            "不能退回到“定稿”。从本环节可以退回：“拟稿”。",
        ),
        (
            by(submitted(), "周明", |player| {
                back(task(player, "审核"), "draft", Some(Resume::Direct))
            }),
            "流程规定退回后只能逐级重新办理，不能另选返回方式。",
        ),
        (
            by(checked(), "孙丽", |player| Command::Claim { task: task(player, "核稿") }),
            "这件待办没有分给您所在的岗位，不能认领。需要您办理的，请由该岗位的人员认领后转办给您。",
        ),
        (
            by(claimed(), "郑洁", |player| Command::Claim { task: task(player, "核稿") }),
            "该件已由吴静（市政府办公室 收发岗）认领。需要您办理的，请其归还或转办。",
        ),
        (
            by(submitted(), "周明", |player| Command::Release { task: task(player, "审核") }),
            "该件没有被认领，不必归还。",
        ),
        (
            by(submitted(), "周明", |player| Command::Read {
                task: task(player, "审核"),
                opinion: String::new(),
            }),
            "这是办理件，请签署意见，不能只标记已阅。",
        ),
        (
            by(reading(), "方毅", |player| approve(task(player, "传阅"))),
            "这是传阅件，只需阅知，不能审批或退回。",
        ),
        (
            by(submitted(), "周明", |_| Command::Withdraw { reason: reason() }),
            "只有发起人林晓（文秘科 科员）可以这样做。需要时请与其联系。",
        ),
        (
            by(checked(), "林晓", |_| Command::Withdraw { reason: reason() }),
            "周明（文秘科 科长）已经打开或办理，不能再撤回。请与其联系，由其退回。",
        ),
        (
            by(drafted(), "林晓", |_| Command::Withdraw { reason: reason() }),
            "办件正在您手中，或您还没有送出过，无需撤回。请直接办理。",
        ),
        (
            by(submitted(), "周明", |player| Command::Reopen { task: task(player, "审核") }),
            "您还没有在这件待办上签署意见，无需重新签署。请直接办理您的待办。",
        ),
        (
            by(checked(), "周明", |player| Command::Reopen { task: task(player, "审核") }),
            "您签署之后文稿没有改动，原意见仍然有效，无需重新签署。",
        ),
        (
            by(drafted(), "林晓", |_| Command::Urge { text: String::new() }),
            "目前没有可以催办的他人待办事项，无需催办。请查看办件走到哪里。",
        ),
        (
            by(submitted(), "许诺", |_| Command::Urge { text: String::new() }),
            "您不是该件的发起人或办理人，不能这样做。需要时请联系发起人或当前办理人。",
        ),
        (
            by(submitted(), "许诺", |_| Command::Terminate { task: None, reason: reason() }),
            "只有流程管理员可以这样做。需要时请联系流程管理员。",
        ),
        (
            by(submitted(), "何平", |_| Command::Retry { reason: reason() }),
            "该办件没有停滞，无需重试。请查看它正等待谁办理。",
        ),
        (
            by(submitted(), "何平", |player| Command::Appoint {
                visit: VisitId(1),
                to: to(player, "唐瑞"),
                reason: reason(),
            }),
            "该环节没有因无人办理而停滞，不能指定办理人。已有办理人的，请用“改派”；其他原因停滞的，请排除原因后重试。",
        ),
        (
            by(submitted(), "何平", |player| Command::Reassign {
                task: task(player, "审核"),
                to: to(player, "何平"),
                reason: reason(),
            }),
            "不能指定给自己：流程管理员不得由此看到文件内容。请指定其他人员。",
        ),
        (
            by(kept(), "何平", |player| Command::Reassign {
                task: task(player, "复核"),
                to: to(player, "林晓"),
                reason: reason(),
            }),
            "林晓（文秘科 科员）按流程的回避规则不能办理本环节。请另选他人。",
        ),
        (
            by(sealing(), "何平", |player| Command::Reassign {
                task: task(player, "用印"),
                to: to(player, "唐瑞"),
                reason: reason(),
            }),
            "“用印”要用印，只能由印章保管人办理。请先在印章登记中明确保管人，再重试或改派给保管人。",
        ),
        // One of the three takes no part.
        (
            by(submitted(), "石坚", |_| Command::Urge { text: "请尽快".into() }),
            "石坚是系统管理员，按三员分立的要求不参与公文流转。请由其他人员办理。",
        ),
        (
            by(submitted(), "何平", |_| Command::Answer {
                ask: AskId(1),
                answer: Answer::Done { result: "好".into() },
            }),
            "此操作只能由系统执行，无需您处理。请刷新页面查看进展。",
        ),
        (
            system(
                submitted(),
                Command::Answer { ask: AskId(1), answer: Answer::Done { result: "好".into() } },
            ),
            "该系统任务已经完成或取消，无需再次答复。请查看最新情况。",
        ),
        // The shell's own rules are put into words by whoever checks them.
        (
            Rejection::Rule {
                rule: "title_kind".into(),
                text: "标题中没有写明文种。".into(),
                next: "请在标题末尾写上“通知”。".into(),
            },
            "标题中没有写明文种。请在标题末尾写上“通知”。",
        ),
        // Which flow begins how is checked by the shell before there is a case.
        (
            Rejection::OnlyByRegistration { title: "收文办理".into() },
            "流程“收文办理”只办理收到的来文，不能直接发起。请由收文岗在“收文”中登记来文；要起草公文的，请选用其他流程。",
        ),
        (
            Rejection::NotForRegistration { title: "请假".into() },
            "流程“请假”办理的是表单，不能用来登记来文。请改选办理公文的流程。",
        ),
    ]
}

/// The codes that the type knows, as it lists them itself when it is given one that it does not.
fn all_codes() -> BTreeSet<String> {
    let unknown = serde_json::from_str::<Rejection>(r#"{"code":"?"}"#).expect_err("no such code");
    let told = unknown.to_string();
    let (_, listed) = told.split_once("expected one of").expect("a list of codes");
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_refusal_is_brought_about_and_told() {
    let brought_about = brought_about();
    for (refusal, told) in &brought_about {
        assert_eq!(refusal.detail(), *told, "{}", refusal.code());
        let written = serde_json::to_value(refusal).expect("plain data");
        assert_eq!(written["code"], refusal.code(), "one code everywhere");
    }
    let codes: BTreeSet<String> =
        brought_about.iter().map(|(refusal, _)| refusal.code().to_owned()).collect();
    assert_eq!(codes, all_codes());
}

#[test]
fn a_refusal_says_the_rule_and_what_to_do() {
    let next = ["请", "可以", "只需", "无需", "不必", "仍然有效", "只能"];
    for (refusal, told) in brought_about() {
        assert!(told.ends_with('。'), "{}: {told}", refusal.code());
        assert!(next.iter().any(|word| told.contains(word)), "{}: {told}", refusal.code());
    }
}

#[test]
fn a_refusal_changes_nothing() {
    let mut player = submitted();
    let (case, events) = (player.case.clone(), player.events.len());
    refused(&mut player, "周明 退回");
    refused(&mut player, "许诺 催办 快");
    assert_eq!(player.case, case);
    assert_eq!(player.events.len(), events);
    assert!(matches!(player.events[0], Event::CaseStarted { .. }));
}

#[test]
fn the_words_for_each_bar_to_signing_again_differ() {
    use crate::rejection::ReopenBar::{GoneOn, NotDone, TextUnchanged};
    let told: BTreeSet<String> = [NotDone, TextUnchanged, GoneOn]
        .map(|because| Rejection::NotReopenable { task: TaskId(1), because }.detail())
        .into();
    assert_eq!(told.len(), 3);
}
