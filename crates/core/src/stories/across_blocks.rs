//! Blocks in a row and within each other, with a send-back across them.

use super::{carrying, check};

#[test]
fn a_send_back_across_two_blocks_in_a_row_walks_through_the_first_again() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - parallel:
      - steps: [{ id: money, title: 经费, by: { head_of: { unit: caizheng } } }]
      - steps: [{ id: law, title: 合法性, by: { head_of: { unit: sifa } } }]
  - parallel:
      - steps: [{ id: school, title: 学校, by: { head_of: { unit: jiaoyu } }, send_back: { to: [draft] } }]
      - steps: [{ id: house, title: 住房, by: { head_of: { unit: zhujian } }, send_back: { to: [draft] } }]
  - { id: last, title: 定稿, by: initiator }
",
    );
    check(
        &flow,
        "林晓",
        "",
        "
        林晓 提交 -> 赵立新@经费, 冯琪@合法性
        赵立新 同意；冯琪 同意 -> 曹敏@学校, 沈筠@住房
        曹敏 退回 拟稿 再议 -> 林晓@拟稿, 沈筠@住房
        林晓 提交 -> 赵立新@经费, 冯琪@合法性, 沈筠@住房
        沈筠 退回 拟稿 也再议 -> 林晓@拟稿, 赵立新@经费, 冯琪@合法性
        赵立新 同意 -> 林晓@拟稿, 冯琪@合法性
        林晓 提交 -> 冯琪@合法性
        冯琪 同意 -> 曹敏@学校, 沈筠@住房
        曹敏 同意；沈筠 同意 -> 林晓@定稿
        ",
    );
}

#[test]
fn out_of_an_inner_block_to_the_outer_branch_and_to_the_draft() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator, pick: { helpers: { title: 协办, units: true, required: true } } }
  - for_each: { unit: doc.countersign_units }
    steps:
      - { id: split, title: 牵头, by: { head_of: unit } }
      - for_each: { helper: picked.helpers }
        steps:
          - { id: help, title: 协办, by: { registry_of: helper }, claim: true, send_back: { to: [split, draft] } }
      - { id: sum, title: 汇总, by: { did: split } }
",
    );
    check(
        &flow,
        "林晓",
        "countersign_units=财政局,司法局",
        "
        林晓 选 helpers=教育局,住建局；提交 -> 赵立新@牵头, 冯琪@牵头
        赵立新 同意 -> 教育局@协办, 住建局@协办, 冯琪@牵头
        教育局 退回 牵头 请明确分工 -> 赵立新@牵头, 住建局@协办, 冯琪@牵头
        住建局 退回 拟稿 不属职责 -> 林晓@拟稿, 赵立新@牵头, 冯琪@牵头
        赵立新 同意 -> 林晓@拟稿, 教育局@协办, 冯琪@牵头
        教育局 同意 -> 林晓@拟稿, 冯琪@牵头
        林晓 选 helpers=教育局,住建局；提交 -> 赵立新@牵头, 冯琪@牵头
        赵立新 同意 -> 住建局@协办, 冯琪@牵头
        住建局 同意 -> 赵立新@汇总, 冯琪@牵头
        赵立新 同意；冯琪 同意 -> 教育局@协办, 住建局@协办
        教育局 同意；住建局 同意 -> 冯琪@汇总
        冯琪 同意 -> 办结
        ",
    );
}

#[test]
fn signing_before_review_is_a_matter_of_order_in_the_file() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: sign, title: 签发, by: { in_charge_of: initiator.unit } }
  - { id: review, title: 复核, by: { registry_of: initiator.unit.organ }, claim: true, do: [number], send_back: { to: [sign] } }
",
    );
    check(
        &flow,
        "林晓",
        "",
        "
        林晓 提交 -> 刘志远@签发
        刘志远 同意 -> 市政府办公室@复核
        吴静 退回 签发 文种不当 -> 刘志远@签发
        刘志远 同意 -> 市政府办公室@复核
        郑洁 同意 -> 办结
        ",
    );
}
