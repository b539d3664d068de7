//! Several signers of one step: everybody, or the first; what a refusal does; handing on within a vote.

use super::{also_holds, barred, begin, carrying, check, person, play, refused, reorganise, task};
use crate::{
    command::{Chosen, Command},
    event::{Closed, Ended, Event},
    rejection::Rejection,
};

fn vote(rule: &str) -> String {
    carrying(&format!(
        "  - {{ id: draft, title: 拟稿, by: initiator }}
  - {{ id: sign, title: 会签, by: {{ role: bureau-leaders }}, can: [approve, refuse, send_back, transfer], send_back: {{ to: [draft] }}, {rule} }}
  - {{ id: last, title: 定稿, by: initiator }}
"
    ))
}

const ALL: &str = "林晓 提交 -> 赵立新@会签, 冯琪@会签, 曹敏@会签, 沈筠@会签";

#[test]
fn why_it_came_and_why_it_stalls_call_the_role_by_its_name() {
    let player = check(&vote("vote: all"), "林晓", "", ALL);
    let why: Vec<_> = player.case.open_tasks().map(|task| task.why.as_str()).collect();
    assert_eq!(why, ["角色“部门领导”"; 4]);
    let nobody = vote("vote: all").replace("bureau-leaders", "street-leaders");
    let player = check(&nobody, "林晓", "", "林晓 提交 -> 停滞");
    assert_eq!(player.case.whereabouts(), "停滞于会签：没有在岗人员具有角色“街道领导”");
}

#[test]
fn everybody_must_agree() {
    check(
        &vote("vote: all"),
        "林晓",
        "",
        &format!("{ALL}\n赵立新 同意；冯琪 同意；曹敏 同意 -> 沈筠@会签\n沈筠 同意 -> 林晓@定稿"),
    );
}

#[test]
fn the_first_to_agree_decides_and_the_others_are_closed_by_another() {
    let player = check(&vote("vote: any"), "林晓", "", &format!("{ALL}\n曹敏 同意 -> 林晓@定稿"));
    let closed = player
        .events
        .iter()
        .filter(|event| matches!(event, Event::TaskClosed { because: Closed::ByAnother, .. }));
    assert_eq!(closed.count(), 3);
    assert_eq!(player.case.opinions.len(), 2, "the clerk's and one signer's");
}

#[test]
fn who_comes_second_is_told_who_was_first() {
    let mut player = begin(&vote("vote: any"), "林晓", "");
    play(&mut player, ALL);
    let late = task(&player, "会签");
    play(&mut player, "曹敏 同意 -> 林晓@定稿");
    let told = barred(
        &mut player,
        "沈筠",
        Command::SendBack { task: late, to: "draft".into(), resume: None, opinion: "改".into() },
    );
    assert_eq!(
        told.detail(),
        "该待办已由曹敏（教育局 局长）于3月2日09:02办理，您的操作没有生效。请查看最新情况。"
    );
}

#[test]
fn one_refusal_ends_the_case_unless_the_file_says_otherwise() {
    let player =
        check(&vote("vote: all"), "林晓", "", &format!("{ALL}\n冯琪 不同意 违反规定 -> 不同意"));
    assert_eq!(player.case.ended, Some(Ended::Refused));
    assert_eq!(player.case.whereabouts(), "不同意，已终结");
    check(
        &vote("on_refuse: send_back"),
        "林晓",
        "",
        &format!("{ALL}\n赵立新 同意；冯琪 不同意 违反规定 -> 林晓@拟稿\n{ALL}"),
    );
    check(
        &vote("on_refuse: go_on"),
        "林晓",
        "",
        &format!("{ALL}\n冯琪 不同意 保留意见 -> 林晓@定稿"),
    );
    check(
        &vote("vote: any, on_refuse: send_back"),
        "林晓",
        "",
        &format!("{ALL}\n冯琪 不同意 违反规定 -> 林晓@拟稿"),
    );
}

#[test]
fn a_refusal_with_nowhere_to_go_back_to_does_not_go_on() {
    // 审核 is passed by for the head's own draft, and the file names no other step.
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit, exclude: initiator, when_empty: pass } }
  - { id: sign, title: 签发, by: { in_charge_of: initiator.unit }, can: [approve, refuse], on_refuse: send_back, send_back: { to: [head] } }
  - { do: [number] }
",
    );
    check(&flow, "周明", "", "周明 提交 -> 刘志远@签发\n刘志远 不同意 不宜发 -> 不同意");
    check(&flow, "林晓", "", "林晓 提交；周明 同意；刘志远 不同意 请再审 -> 周明@审核");
}

#[test]
fn a_send_back_of_one_signer_closes_the_vote() {
    let player = check(
        &vote("vote: all"),
        "林晓",
        "",
        &format!("{ALL}\n赵立新 同意；冯琪 退回 请改 -> 林晓@拟稿\n{ALL}"),
    );
    let closed = player
        .events
        .iter()
        .filter(|event| matches!(event, Event::TaskClosed { because: Closed::SentBack, .. }));
    assert_eq!(closed.count(), 2);
}

#[test]
fn a_task_handed_on_within_a_vote_counts_for_its_new_holder() {
    let player = check(
        &vote("vote: all"),
        "林晓",
        "",
        &format!(
            "{ALL}
            赵立新 转办 罗成林 请代为审签 -> 罗成林@会签, 冯琪@会签, 曹敏@会签, 沈筠@会签
            冯琪 同意；曹敏 同意；沈筠 同意 -> 罗成林@会签
            罗成林 同意 -> 林晓@定稿"
        ),
    );
    let handed = player.case.tasks.values().find(|task| task.from.is_some()).expect("handed on");
    assert_eq!(handed.why, "赵立新（财政局 局长）转办");
}

#[test]
fn nobody_signs_twice_in_one_vote() {
    let mut player = begin(&vote("vote: all"), "林晓", "");
    play(&mut player, &format!("{ALL}\n赵立新 同意"));
    let told = refused(&mut player, "冯琪 转办 赵立新 请代签");
    assert!(told.contains("已经办理过本环节"), "{told}");
    let told = refused(&mut player, "冯琪 转办 曹敏 请代签");
    assert!(told.contains("不能再转给同一个人"), "{told}");
    // Whoever handed it on may get it back.
    play(&mut player, "冯琪 转办 唐瑞 请代签 -> 唐瑞@会签, 曹敏@会签, 沈筠@会签");
    play(&mut player, "唐瑞 转办 冯琪 还是请您 -> 冯琪@会签, 曹敏@会签, 沈筠@会签");
}

#[test]
fn one_person_in_two_posts_is_asked_once() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - id: sign
    title: 会签
    by: [{ head_of: { unit: caizheng } }, { role: bureau-leaders }, { user: zhao-lixin }]
",
    );
    let mut player = begin(&flow, "林晓", "");
    reorganise(&mut player, |office| also_holds(office, "zhao-lixin", "sifa-juzhang"));
    play(&mut player, ALL);
}

#[test]
fn whom_a_step_keeps_out_cannot_get_it_by_transfer() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit, exclude: initiator } }
",
    );
    let mut player = begin(&flow, "林晓", "");
    play(&mut player, "林晓 提交 -> 周明@审核");
    let head = task(&player, "审核");
    let to = Chosen { person: person(&player, "林晓"), post: None };
    let told =
        barred(&mut player, "周明", Command::Transfer { task: head, to, opinion: String::new() });
    assert!(matches!(told, Rejection::PickNotOffered { .. }), "{told}");
    play(&mut player, "周明 转办 许诺 请代审 -> 许诺@审核");
}
