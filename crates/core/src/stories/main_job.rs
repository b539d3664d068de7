//! The main job as far as the core goes: a 通知 from its draft through 会签, with one department sending it back, to
//! numbering, seal, dispatch and archive.

use super::{Played, begin, check, play, shipped};
use crate::{
    event::{Event, Left, Said},
    id::StepId,
};

const GIVEN: &str = "title=关于做好汛期安全工作的通知 kind=通知 direction=下行 organ=市政府 body=各部门要落实值守。 recipients=教育局,住建局 countersign_units=财政局,司法局,教育局";

/// How often each step was entered, in the order of the first time.
fn rounds(player: &Played) -> Vec<(String, usize)> {
    let mut steps: Vec<(String, usize)> = vec![];
    for visit in player.case.visits.values() {
        match steps.iter_mut().find(|(title, _)| *title == visit.title) {
            Some((_, count)) => *count += 1,
            None => steps.push((visit.title.clone(), 1)),
        }
    }
    steps
}

#[test]
fn one_department_sends_it_back_and_only_it_signs_again() {
    let player = check(
        shipped("outgoing"),
        "林晓",
        GIVEN,
        "
        林晓 提交 -> 周明@处室审核
        周明 同意 拟同意 -> 财政局@会签, 司法局@会签, 教育局@会签
        司法局 同意 -> 财政局@会签, 教育局@会签
        财政局 退回 拟稿 经费来源请写明 -> 林晓@拟稿, 教育局@会签
        林晓 改 body=经费由各部门预算列支。；提交 -> 周明@处室审核, 教育局@会签
        周明 同意 -> 财政局@会签, 教育局@会签
        教育局 同意 -> 财政局@会签
        财政局 同意 -> 市政府办公室@办公室核稿
        吴静 认领；同意 -> 刘志远@分管领导签发
        刘志远 同意 同意发 -> 市政府办公室@复核编号
        郑洁 同意 -> 孙丽@用印
        孙丽 同意 -> 办结
        ",
    );
    let wanted = [
        ("拟稿", 2),
        ("处室审核", 2),
        ("会签", 4),
        ("办公室核稿", 1),
        ("分管领导签发", 1),
        ("复核编号", 1),
        ("用印", 1),
        ("分发归档", 1),
    ];
    assert_eq!(rounds(&player), wanted.map(|(title, count)| (title.to_owned(), count)));
    let stamped = player.case.visits.values().find(|visit| visit.title == "用印").expect("stamped");
    assert_eq!(stamped.left, Some(Left::Approved));
    let done: Vec<_> = player.case.effects.keys().map(String::as_str).collect();
    assert_eq!(done, ["archive", "dispatch", "finalise", "number", "red_head", "seal"]);
    assert_eq!(player.case.whereabouts(), "已办结");
}

#[test]
fn sent_back_directly_it_returns_to_the_department_that_asked() {
    let player = check(
        shipped("outgoing"),
        "林晓",
        GIVEN,
        "
        林晓 提交
        周明 同意
        财政局 直退 拟稿 请附测算依据 -> 林晓@拟稿, 司法局@会签, 教育局@会签
        教育局 同意 -> 林晓@拟稿, 司法局@会签
        林晓 改 body=附测算依据。；提交 -> 财政局@会签, 司法局@会签
        司法局 同意 -> 财政局@会签
        财政局 同意 -> 市政府办公室@办公室核稿
        吴静 同意 -> 刘志远@分管领导签发
        刘志远 退回 办公室核稿 标题过长 -> 市政府办公室@办公室核稿
        吴静 改 title=关于做好汛期安全的通知；同意 -> 刘志远@分管领导签发
        刘志远 同意；郑洁 同意；孙丽 同意 -> 办结
        ",
    );
    assert_eq!(
        player.case.title, "关于做好汛期安全的通知",
        "the case is called as its document is"
    );
    let heads = player.case.visits.values().filter(|visit| visit.step == StepId::from("head"));
    assert_eq!(heads.count(), 1, "the head had agreed already and is not asked again");
}

#[test]
fn the_number_is_allotted_once_even_if_the_seal_keeper_sends_it_back() {
    let mut player = begin(shipped("outgoing"), "林晓", "title=通知 organ=市政府 body=甲");
    play(
        &mut player,
        "
        林晓 提交；周明 同意；吴静 同意；刘志远 同意 -> 市政府办公室@复核编号
        郑洁 同意 -> 孙丽@用印
        孙丽 退回 复核编号 印制有误 -> 市政府办公室@复核编号
        吴静 同意 -> 孙丽@用印
        孙丽 同意 -> 办结
        ",
    );
    let numbered =
        |event: &&Event| matches!(event, Event::Asked { effect, .. } if effect == "number");
    assert_eq!(player.events.iter().filter(numbered).count(), 1);
    let printed =
        |event: &&Event| matches!(event, Event::Asked { effect, .. } if effect == "red_head");
    assert_eq!(player.events.iter().filter(printed).count(), 2, "the file is made anew each time");
}

#[test]
fn every_opinion_keeps_who_gave_it_in_which_post_and_on_which_text() {
    let player = check(
        shipped("outgoing"),
        "林晓",
        "title=通知 organ=市政府 body=甲 countersign_units=财政局",
        "
        林晓 改 body=初稿；提交
        周明 改 body=二稿；同意 已改
        财政局 同意 -> 市政府办公室@办公室核稿
        ",
    );
    let given: Vec<_> = player
        .case
        .opinions
        .iter()
        .map(|(_, opinion)| (opinion.by.label(), opinion.said.clone(), opinion.document_version))
        .collect();
    let wanted = [
        ("林晓（文秘科 科员）".to_owned(), Said::Submitted, Some(2)),
        ("周明（文秘科 科长）".to_owned(), Said::Approved, Some(3)),
        ("钱浩（财政局 收发岗）".to_owned(), Said::Approved, Some(3)),
    ];
    assert_eq!(given, wanted);
}

#[test]
fn an_incoming_document_goes_to_the_lead_and_those_who_assist() {
    let player = check(
        shipped("incoming"),
        "吴静",
        "title=关于开展检查的通知 kind=通知",
        "
        吴静 提交 -> 韩卫东@拟办
        韩卫东 选 handlers=住建局*,教育局,司法局 readers=高岚；同意 -> 刘志远@分管领导批示
        刘志远 同意 -> 住建局@承办, 教育局@承办, 司法局@承办
        司法局 退回 拟办 不属我局职责 -> 韩卫东@拟办, 住建局@承办, 教育局@承办
        住建局 同意 -> 韩卫东@拟办, 沈筠@主办单位审定, 教育局@承办
        沈筠 同意；教育局 同意 -> 韩卫东@拟办
        韩卫东 选 handlers=住建局*,教育局,司法局；同意 仍请司法局配合 -> 刘志远@分管领导批示
        刘志远 同意 -> 司法局@承办
        司法局 同意 -> 高岚@传阅, 吴静@办结归档
        吴静 同意 -> 高岚@传阅, 办结
        高岚 阅 -> 办结
        ",
    );
    let leads: Vec<_> = player
        .case
        .tasks
        .values()
        .filter_map(|task| task.branch.as_ref())
        .map(|branch| (branch.unit_name.as_str(), branch.lead))
        .collect();
    assert!(leads.iter().all(|(unit, lead)| *lead == (*unit == "住建局")), "{leads:?}");
}
