//! 停滞: nobody there, mended, tried again; and who may let it.

use super::{also_holds, begin, carrying, check, play, refused, reorganise};

fn engineer(when_empty: &str) -> String {
    carrying(&format!(
        "  - {{ id: draft, title: 拟稿, by: initiator }}
  - {{ id: tech, title: 技术审查, by: {{ post: 总工程师, of: {{ unit: zhujian }} }}{when_empty} }}
  - {{ id: last, title: 定稿, by: initiator }}
"
    ))
}

#[test]
fn a_vacant_post_stalls_until_somebody_holds_it() {
    let mut player = begin(&engineer(""), "林晓", "");
    play(&mut player, "林晓 提交 -> 停滞");
    assert_eq!(player.case.whereabouts(), "停滞于技术审查：住建局没有“总工程师”岗位");
    play(&mut player, "何平 重试 -> 停滞");
    reorganise(&mut player, |office| {
        let mut post = office.posts["zhujian-juzhang"].clone();
        post.id = "zhujian-zonggong".into();
        post.title = "总工程师".into();
        post.holders = vec!["ye-fan".into()];
        office.posts.insert(post.id.clone(), post);
    });
    assert!(refused(&mut player, "林晓 重试").contains("只有流程管理员"));
    play(&mut player, "何平 重试 -> 叶帆@技术审查\n叶帆 同意 -> 林晓@定稿");
    assert_eq!(
        refused(&mut player, "何平 重试"),
        "该办件没有停滞，无需重试。请查看它正等待谁办理。"
    );
}

#[test]
fn somebody_else_or_nobody_where_the_file_says_so() {
    check(&engineer(", when_empty: pass"), "林晓", "", "林晓 提交 -> 林晓@定稿");
    let player = check(
        &engineer(", when_empty: { head_of: { unit: zhujian } }"),
        "林晓",
        "",
        "林晓 提交 -> 沈筠@技术审查",
    );
    let why = &player.case.open_tasks().next().expect("a task").why;
    assert_eq!(why, "原办理人空缺，改由住建局负责人");
    check(
        &engineer(", when_empty: { post: 总规划师, of: { unit: zhujian }, when_empty: pass }"),
        "林晓",
        "",
        "林晓 提交 -> 林晓@定稿",
    );
}

#[test]
fn one_branch_stalls_and_the_others_go_on() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - for_each: { unit: doc.countersign_units }
    steps: [{ id: opinion, title: 会签, by: { head_of: unit } }]
  - { id: last, title: 定稿, by: initiator }
",
    );
    let mut player = begin(&flow, "林晓", "countersign_units=财政局,司法局");
    reorganise(&mut player, |office| {
        office.people.get_mut("feng-qi").expect("a person").disabled = true;
    });
    play(&mut player, "林晓 提交 -> 赵立新@会签, 停滞\n赵立新 同意 -> 停滞");
    reorganise(&mut player, |office| also_holds(office, "tang-rui", "sifa-juzhang"));
    play(&mut player, "何平 重试 -> 唐瑞@会签\n唐瑞 同意 -> 林晓@定稿");
}
