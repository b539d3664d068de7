//! 时限: working days over holidays, hours and calendar days, and what a transfer does to them.

use super::{begin, carrying, play};
use chrono::{DateTime, TimeDelta, Utc};

/// The deadline of the newest task if the case is handed on at this moment, as an office reads it.
fn due(term: &str, at: &str) -> String {
    let flow = carrying(&format!(
        "  - {{ id: draft, title: 拟稿, by: initiator }}
  - {{ id: head, title: 审核, by: {{ head_of: initiator.unit }}, due: {term} }}
"
    ));
    let mut player = begin(&flow, "林晓", "");
    let at: DateTime<Utc> = at.parse().expect("a test time");
    // A line takes a minute.
    player.now = at - TimeDelta::minutes(1);
    play(&mut player, "林晓 提交 -> 周明@审核");
    let due = player.case.open_tasks().last().and_then(|task| task.due).expect("a deadline");
    let provisional = if due.provisional { "（暂定）" } else { "" };
    format!("{}{provisional}", (due.at + TimeDelta::hours(8)).format("%Y-%m-%d %H:%M"))
}

#[test]
fn deadlines_follow_the_announced_calendar() {
    for (term, at, wanted) in [
        // Before the National Day holiday, over it, and the worked Saturday after it.
        ("2wd", "2026-09-30T01:00:00Z", "2026-10-09 23:59"),
        ("3wd", "2026-09-30T01:00:00Z", "2026-10-10 23:59"),
        // Spring Festival with its worked Saturdays before and after.
        ("1wd", "2026-02-13T09:00:00Z", "2026-02-14 23:59"),
        ("2wd", "2026-02-13T09:00:00Z", "2026-02-24 23:59"),
        // Calendar days and hours run through it.
        ("20d", "2026-09-30T01:00:00Z", "2026-10-20 23:59"),
        ("8h", "2026-09-30T10:00:00Z", "2026-10-01 02:00"),
        // Late in the evening of UTC it is the next day here.
        ("1wd", "2026-03-02T17:00:00Z", "2026-03-04 23:59"),
        // The calendar of the next year is not announced yet.
        ("5wd", "2026-12-30T01:00:00Z", "2027-01-06 23:59（暂定）"),
    ] {
        assert_eq!(due(term, at), wanted, "{term} from {at}");
    }
}

#[test]
fn a_transfer_does_not_lengthen_the_term_and_a_new_round_starts_it_anew() {
    let flow = carrying(
        "  - { id: draft, title: 拟稿, by: initiator }
  - { id: head, title: 审核, by: { head_of: initiator.unit }, due: 1wd }
",
    );
    let mut player = begin(&flow, "林晓", "");
    let term = |player: &super::Played| {
        let due = player.case.open_tasks().last().and_then(|task| task.due).expect("a deadline");
        (due.at + TimeDelta::hours(8)).format("%m-%d").to_string()
    };
    play(&mut player, "林晓 提交");
    assert_eq!(term(&player), "03-03");
    player.now += TimeDelta::days(1);
    play(&mut player, "周明 转办 许诺 请审");
    assert_eq!(term(&player), "03-03");
    play(&mut player, "许诺 退回 请改；林晓 提交 -> 周明@审核");
    assert_eq!(term(&player), "03-04");
}
