//! A case that was sent back is sent back further: whoever sends it sees it again, and nobody's signature is leapt over.

use super::{carrying, check};

fn line() -> String {
    carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit }, send_back: { to: [draft] } }
  - { id: check, title: 核稿, by: { user: wu-jing }, send_back: { to: [head, draft] } }
  - { id: sign, title: 签发, by: { in_charge_of: initiator.unit }, send_back: { to: [check, draft] } }
",
    )
}

#[test]
fn step_by_step_from_a_direct_return_passes_everybody_again() {
    check(
        &line(),
        "林晓",
        "",
        "
        林晓 提交；周明 同意；吴静 同意 -> 刘志远@签发
        刘志远 直退 核稿 文字请核 -> 吴静@核稿
        吴静 退回 拟稿 请改 -> 林晓@拟稿
        林晓 提交 -> 周明@审核
        周明 同意 -> 吴静@核稿
        吴静 同意 -> 刘志远@签发
        ",
    );
}

#[test]
fn directly_from_a_direct_return_comes_back_one_by_one() {
    check(
        &line(),
        "林晓",
        "",
        "
        林晓 提交；周明 同意；吴静 同意 -> 刘志远@签发
        刘志远 直退 核稿 文字请核 -> 吴静@核稿
        吴静 直退 拟稿 请改 -> 林晓@拟稿
        林晓 提交 -> 吴静@核稿
        吴静 同意 -> 刘志远@签发
        ",
    );
}

#[test]
fn directly_and_then_nobody_sends_it_further() {
    check(
        &line(),
        "林晓",
        "",
        "
        林晓 提交；周明 同意；吴静 同意 -> 刘志远@签发
        刘志远 直退 拟稿 请改 -> 林晓@拟稿
        林晓 提交 -> 刘志远@签发
        ",
    );
}

#[test]
fn out_of_a_block_and_further_back_the_head_sees_it_before_the_department() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit }, send_back: { to: [draft] } }
  - for_each: { unit: doc.countersign_units }
    steps:
      - { id: look, title: 初核, by: { registry_of: unit }, claim: true }
      - { id: opinion, title: 会签, by: { head_of: unit }, send_back: { to: [head, look] } }
",
    );
    check(
        &flow,
        "林晓",
        "countersign_units=财政局,司法局",
        "
        林晓 提交；周明 同意；财政局 同意 -> 赵立新@会签, 司法局@初核
        赵立新 直退 审核 请处室核实 -> 周明@审核, 司法局@初核
        周明 退回 拟稿 请核实 -> 林晓@拟稿, 司法局@初核
        林晓 提交 -> 周明@审核, 司法局@初核
        周明 同意 -> 财政局@初核, 司法局@初核
        财政局 同意；赵立新 同意；司法局 同意；冯琪 同意 -> 办结
        ",
    );
}
