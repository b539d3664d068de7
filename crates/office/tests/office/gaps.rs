//! The report of gaps 缺号: numbers that a year passed over, and numbers that somebody took out of the register.

use super::on_both;

on_both! {
    a_year_that_is_over_names_the_numbers_it_never_came_to
    a_number_taken_out_of_the_register_is_named_with_what_is_known
}

mod played {
    use anyhow::{Context, Result, ensure};
    use chrono::TimeDelta;
    use wenshu_core::id::CaseId;
    use wenshu_office::{Error, Given};
    use wenshu_testkit::TestOffice;

    const YEAR: i32 = 2026;
    const SERIES: &str = "shi-fa";

    /// The register, each line in a few words.
    async fn register(office: &TestOffice) -> Result<Vec<(u32, String)>> {
        let lines = office.office.number_register(&office.seat("吴静"), SERIES, YEAR).await?;
        let told = lines.into_iter().map(|line| {
            assert_eq!(line.text, format!("云政发〔{YEAR}〕{}号", line.number));
            let fate = match line.given {
                Given::Used { .. } => "用".to_owned(),
                Given::Chosen { .. } => "选".to_owned(),
                Given::Reserved { reason, .. } => format!("留：{reason}"),
                Given::Void { reason, .. } => format!("废：{reason}"),
                Given::Missing { case, reason, by } => {
                    let borne = if case.is_some() { "（有公文）" } else { "" };
                    let by = by.map(|by| format!("（{by}）")).unwrap_or_default();
                    format!("缺{borne}：{}{by}", reason.unwrap_or_default())
                }
            };
            (line.number, fate)
        });
        Ok(told.collect())
    }

    fn lines(told: &[(u32, &str)]) -> Vec<(u32, String)> {
        told.iter().map(|(number, fate)| (*number, (*fate).to_owned())).collect()
    }

    async fn issued(office: &TestOffice, chosen: Option<u32>) -> Result<CaseId> {
        let case = crate::notice(office, "").await?;
        office.approve("林晓", case, "").await?;
        for who in ["周明", "吴静"] {
            office.approve(who, case, "同意").await?;
        }
        if let Some(number) = chosen {
            let chosen = Some((SERIES.to_owned(), YEAR, number));
            office.office.choose_number(&office.seat("吴静"), case, chosen).await?;
        }
        crate::numbered(office, case).await?;
        Ok(case)
    }

    pub async fn a_year_that_is_over_names_the_numbers_it_never_came_to(
        office: TestOffice,
    ) -> Result<()> {
        let (it, registry) = (&office.office, office.seat("吴静"));
        it.reserve_number(&registry, SERIES, YEAR, Some(7), "留给年度工作要点").await?;
        it.reserve_number(&registry, SERIES, YEAR, Some(9), "备用").await?;
        it.void_number(&registry, SERIES, YEAR, 3, "登记簿写错").await?;
        issued(&office, None).await?;
        issued(&office, Some(7)).await?;
        let told = [(1, "用"), (3, "废：登记簿写错"), (7, "用"), (9, "留：备用")];
        ensure!(register(&office).await? == lines(&told), "the counter still comes to the others");
        ensure!(it.next_number(SERIES, YEAR).await?.seq == 2, "it does");

        office.hand.forward(TimeDelta::days(330));
        let never = "缺：年度内未编到此号，其后的预留号已使用";
        let told = [
            (1, "用"),
            (2, never),
            (3, "废：登记簿写错"),
            (4, never),
            (5, never),
            (6, never),
            (7, "用"),
            (9, "留：备用"),
        ];
        let found = register(&office).await?;
        ensure!(found == lines(&told), "8 follows the last one in use: {found:?}");

        it.void_number(&registry, SERIES, YEAR, 5, "当年未用").await?;
        let found = register(&office).await?;
        ensure!(found[4] == (5, "废：当年未用".to_owned()), "a gap is accounted for: {found:?}");
        Ok(())
    }

    pub async fn a_number_taken_out_of_the_register_is_named_with_what_is_known(
        office: TestOffice,
    ) -> Result<()> {
        let (it, registry) = (&office.office, office.seat("吴静"));
        let first = issued(&office, None).await?;
        it.reserve_number(&registry, SERIES, YEAR, None, "年度要点").await?;
        it.void_number(&registry, SERIES, YEAR, 3, "登记簿写错").await?;
        it.void_number(&registry, SERIES, YEAR, 4, "重号").await?;
        let last = issued(&office, None).await?;
        let whole =
            [(1, "用"), (2, "留：年度要点"), (3, "废：登记簿写错"), (4, "废：重号"), (5, "用")];
        ensure!(register(&office).await? == lines(&whole), "no gap");

        for sql in [
            "DELETE FROM number WHERE number IN (1, 2, 3, 4, 5)",
            "DELETE FROM number_fate WHERE number = 4",
            "UPDATE series_year SET next = 5",
        ] {
            ensure!(office.place.tamper(sql).await? > 0, "{sql}");
        }
        let by = format!("（{}）", registry.label());
        let kept = format!("缺：登记簿中已无此号；曾预留：年度要点{by}");
        let void = format!("缺：登记簿中已无此号；曾作废：登记簿写错{by}");
        let borne = "缺（有公文）：登记簿中已无此号，而这件公文载有此号";
        let told = [
            (1, borne),
            (2, kept.as_str()),
            (3, void.as_str()),
            (4, "缺：顺序号已编过此号，登记簿和公文中都没有"),
            (5, borne),
        ];
        let found = register(&office).await?;
        ensure!(found == lines(&told), "{found:?}");
        let gone = it.number_register(&registry, SERIES, YEAR).await?;
        let cases: Vec<_> = gone
            .iter()
            .filter_map(|line| match line.given {
                Given::Missing { case, .. } => case,
                Given::Used { .. }
                | Given::Chosen { .. }
                | Given::Reserved { .. }
                | Given::Void { .. } => None,
            })
            .collect();
        ensure!(cases == [first, last], "which documents: {cases:?}");
        let refused = it.void_number(&registry, SERIES, YEAR, 1, "补登").await;
        let Err(Error::Rejected(refused)) = refused else {
            anyhow::bail!("a document bears it: {refused:?}")
        };
        let said = refused.detail();
        ensure!(said.contains("登记簿中没有云政发〔2026〕1号"), "{said}");
        it.void_number(&registry, SERIES, YEAR, 4, "经查为重号").await?;
        let found = register(&office).await?;
        ensure!(found.get(3).context("4")?.1 == "废：经查为重号", "{found:?}");
        Ok(())
    }
}
