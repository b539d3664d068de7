//! (f) A document of three pages as PDF, each time another one, after the fonts were found. Its 版记 stands at the foot of
//! an even page (GB/T 9704-2012, 7.4.1), and so on a fourth.

use crate::{
    Plan, Section,
    pace::Pace,
    report::{Goal, Report},
};
use anyhow::{Context, Result};
use std::time::Instant;
use wenshu_document::{
    Body,
    metadata::Urgency,
    press::{Official, PressError, Sheet, Signing},
};

pub(crate) fn measure(plan: &Plan, report: &mut Report<'_>) -> Result<()> {
    const WHAT: &str = "PDF of 3 pages and the imprint's, warm";
    let start = Instant::now();
    match plan.press.set(&sheet(0, 1)) {
        Ok(_) => {}
        Err(PressError::NoFonts { searched }) => {
            report.skip(Section::Pages, WHAT, format!("no Chinese fonts in {searched}"));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    let first = start.elapsed().as_secs_f64() * 1e3;
    // Fonts decide how much goes on a page: the shortest text that needs a third, and so has a fourth for the imprint.
    let mut three = None;
    for paragraphs in 4..=20 {
        if plan.press.set(&sheet(0, paragraphs))?.pages == 4 {
            three = Some(paragraphs + 1);
            break;
        }
    }
    let paragraphs = three.context("no text fills three pages")?;
    let mut times = vec![];
    let all = Instant::now();
    for number in 1..=plan.scale.prints() {
        let start = Instant::now();
        plan.press.set(&sheet(number, paragraphs))?;
        times.push(start.elapsed());
    }
    let pace = Pace::new(all.elapsed(), times);
    let note = format!("{}; the first, with the fonts, {first:.0} ms", pace.quantiles());
    report.add((Section::Pages, ""), WHAT, (pace.quantile(0.5), "ms"), Goal::Below(150.0), note);
    Ok(())
}

/// Every number gives another text.
fn sheet(number: usize, paragraphs: usize) -> Sheet {
    let paragraph = |at: usize| {
        format!(
            "第{}项工作由第{number}号方案统一部署，各县区、各部门要结合实际制定细则，明确责任单位和完成时限，按月报告进展，遇到重大问题及时请示，确保全年目标任务如期完成，不得推诿拖延，也不得层层加码。",
            at + 1
        )
    };
    let text: Vec<String> = (0..paragraphs).map(paragraph).collect();
    Sheet::Official(Box::new(Official {
        issuer_mark: "云州市人民政府文件".into(),
        urgency: Urgency::Urgent,
        number: format!("云政发〔2026〕{}号", number + 1),
        signers: vec![],
        title: format!("云州市人民政府关于第{number}批重点工作的通知"),
        recipients: vec!["各县、区人民政府".into(), "市政府各部门".into()],
        body: Body::from_plain(&text.join("\n")),
        attachments: vec!["任务分解表".into()],
        signature: "云州市人民政府".into(),
        written_on: chrono::NaiveDate::from_ymd_opt(2026, 3, 2),
        signing: Signing::Unsealed,
        notes: vec![],
        cc: vec!["市委办公室".into()],
        printed_by: "云州市人民政府办公室".into(),
        printed_on: chrono::NaiveDate::from_ymd_opt(2026, 3, 3),
        draft: None,
    }))
}
