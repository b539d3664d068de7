//! People, units, posts, accounts, registers and the journal, as three administrators keep them.

use super::on_both;

on_both! {
    a_change_is_one_commit_and_seen_by_every_node
    nothing_hangs_unseen
    a_file_does_what_its_dry_run_said
    what_is_exported_comes_back_unchanged
    topics_come_and_go_with_the_tables
    an_account_lives_and_ends
    a_hand_over_whose_lease_is_over_moves_nothing
    passwords_that_were_given_serve_once
    a_password_ages_and_does_not_come_back
    passwords_from_before_ages_were_kept_age_too
    everything_open_goes_to_a_successor
    numbers_are_kept_given_and_made_void
    a_seal_is_what_was_recorded
    the_journal_holds_and_names_what_was_changed
    journals_are_read_by_those_who_may
}

mod played {
    use anyhow::{Context, Result, ensure};
    use chrono::TimeDelta;
    use std::{sync::Arc, time::Duration};
    use wenshu_core::{
        command::Actor,
        directory::{Change, Charge, DirectoryEvent, PersonCard, UnitCard},
        id::{PersonId, SealId},
    };
    use wenshu_document::{Kind, Series};
    use wenshu_office::{Door, Error, Fate, Form, Given, JournalQuestion, RowFate, opened};
    use wenshu_storage::{Slice, StreamId};
    use wenshu_testkit::{PASSWORD, TestOffice};

    const SYSTEM: &str = "石坚";
    const SECURITY: &str = "秦安";
    const AUDITOR: &str = "钟鉴";

    fn unit(id: &str) -> Change {
        Change::AddUnit(UnitCard {
            id: id.into(),
            name: format!("云州市{id}"),
            short: id.into(),
            parent: Some("shi".into()),
            organ: true,
            group: "市政府工作部门".into(),
            code: None,
            order: 99,
        })
    }

    fn holders(post: &str, holders: &[&str]) -> Change {
        let holders = holders.iter().map(|one| PersonId::from(*one)).collect();
        Change::SetHolders { post: post.into(), holders }
    }

    fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
        match result {
            Err(Error::Directory(refused)) => refused.code(),
            Err(Error::Rejected(refused)) => refused.code(),
            Err(Error::Invalid { .. }) => "invalid",
            Err(Error::NotFound) => "not_found",
            Err(Error::NotSignedIn) => "not_signed_in",
            Err(Error::BadCredentials) => "bad_credentials",
            Err(Error::MustChangePassword { .. }) => "must_change_password",
            Err(Error::TooLarge { .. }) => "too_large",
            other => panic!("{other:?}"),
        }
    }

    pub async fn a_change_is_one_commit_and_seen_by_every_node(office: TestOffice) -> Result<()> {
        let (it, other) = (&office.office, office.another_node().await?);
        let by = office.actor(SYSTEM);
        let seen = it.directory().await?.version;
        let first = it.direct(&by, &[unit("tongji")], Some(seen)).await?;
        ensure!(first.version == seen + 1 && first.said == ["新设单位“云州市tongji”"], "{first:?}");
        let there = other.office.directory().await?;
        ensure!(there.units.contains_key("tongji"), "the other node sees it");
        ensure!(
            code(other.office.direct(&by, &[unit("shenji")], Some(seen)).await)
                == "directory_moved",
            "stale"
        );
        // All or none.
        let both = [unit("shenji"), unit("tongji")];
        ensure!(code(it.direct(&by, &both, None).await) == "already_there", "the second is there");
        ensure!(!it.directory().await?.units.contains_key("shenji"), "so the first is not");
        // What lies in the table is what the events make of what was put at first.
        let rows = office.place.dump("directory").await?;
        ensure!(rows.len() == 2, "the base and the newest: {}", rows.len());
        it.direct(&by, &[unit("shenji")], None).await?;
        ensure!(office.place.dump("directory").await?.len() == 2, "what lay between is gone");
        let mut again = office.directory.clone();
        for event in office.storage().load_after(&StreamId::directory(), seen).await? {
            for envelope in opened(&event)? {
                again.apply(&serde_json::from_value::<DirectoryEvent>(envelope.event)?);
            }
        }
        ensure!(again == *it.directory().await?, "replayed");
        // Two nodes at once: both are done, one after the other.
        let (a, b) = ([unit("a-ju")], [unit("b-ju")]);
        let (one, two) = tokio::join!(it.direct(&by, &a, None), other.office.direct(&by, &b, None));
        let (one, two) = (one?.version, two?.version);
        ensure!(one != two && one.max(two) == seen + 4, "{one} {two}");
        Ok(())
    }

    pub async fn nothing_hangs_unseen(office: TestOffice) -> Result<()> {
        let case = crate::notice(&office, "财政局").await?;
        office.approve("林晓", case, "").await?;
        let it = &office.office;
        let off = Change::DisablePerson { person: "zhou-ming".into(), disabled: true };
        let done = it.direct(&office.actor(SYSTEM), &[off], None).await?;
        ensure!(done.hanging.len() == 1, "{done:?}");
        let hanging = done.hanging.first().context("one")?;
        ensure!(hanging.case == case && hanging.with.contains("周明"), "{hanging:?}");
        let on = Change::DisablePerson { person: "zhou-ming".into(), disabled: false };
        ensure!(
            it.direct(&office.actor(SYSTEM), &[on], None).await?.hanging.is_empty(),
            "taken up"
        );
        // A registry that nobody holds: what lies with the post hangs.
        office.approve("周明", case, "").await?;
        let file = office.file("林晓", case).await?;
        let post = file.case.open_tasks().find_map(|task| {
            task.offered.iter().find(|seat| seat.person.is_none()).map(|seat| seat.post.clone())
        });
        if let Some(post) = post {
            let empty = Change::SetHolders { post, holders: vec![] };
            let done = it.direct(&office.actor(SYSTEM), &[empty], None).await?;
            ensure!(done.hanging.iter().any(|one| one.case == case), "{done:?}");
        }
        // What a case or a delivery names is not removed.
        let empty = holders("wenmi-kezhang", &[]);
        let charge = Change::SetCharge { unit: "wenmi".into(), charge: Charge::default() };
        let gone = Change::RemovePost { post: "wenmi-kezhang".into() };
        it.direct(&office.actor(SYSTEM), &[empty, charge, gone], None).await.map(|_| ()).or_else(
            |error| match error {
                Error::Directory(refused) if refused.code() == "in_use" => Ok(()),
                other => Err(other),
            },
        )?;
        Ok(())
    }

    const PEOPLE: &str = "人员编号,姓名,主岗位编号,兼任岗位编号\r\n\
        lu-ming,陆明,tongji-ju,\r\n\
        ding-xue,丁雪（改）,yusuan-keyuan,\r\n\
        peng-fei,彭菲,yusuan-kezhang,\r\n\
        bai-lu,白鹭,nowhere,\r\n\
        lu-ming,又一个,,\r\n\
        ,没有编号,,\r\n\
        zhao-gao,赵高,anquan-shenji,\r\n";

    pub async fn a_file_does_what_its_dry_run_said(office: TestOffice) -> Result<()> {
        let (it, seat) = (&office.office, office.seat(SYSTEM));
        let early =
            "单位编号,全称,上级单位编号,机关,负责人岗位\ntongji,云州市统计局,shi,是,tongji-ju\n";
        let look = it.import(&seat, "单位.csv", early.into(), None).await?;
        ensure!(
            matches!(&look.rows[0].fate, Fate::Refused(why) if why.concat().contains("先导入岗位")),
            "who leads it has no post yet: {:?}",
            look.rows
        );
        let units = "单位编号,全称,上级单位编号,机关\nxia-shu,下属科,tongji,否\ntongji,云州市统计局,shi,是\n";
        let posts = "岗位编号,职务,单位编号\ntongji-ju,局长,tongji\n";
        let look = it.import(&seat, "单位.csv", units.into(), None).await?;
        let fates: Vec<_> = look.rows.iter().map(|row| (row.row, row.fate.clone())).collect();
        ensure!(fates == [(2, Fate::New), (3, Fate::New)], "the one above comes later: {fates:?}");
        ensure!(!it.directory().await?.units.contains_key("tongji"), "a dry run changes nothing");
        let confirm = Some((look.sm3.as_str(), look.version));
        ensure!(
            code(it.import(&seat, "单位.csv", posts.into(), confirm).await) == "invalid",
            "another file"
        );
        let done = it.import(&seat, "单位.csv", units.into(), confirm).await?;
        ensure!(done.done && done.rows == look.rows, "what was shown is what was done");
        ensure!(
            code(it.import(&seat, "单位.csv", units.into(), confirm).await) == "directory_moved",
            "once"
        );
        let look = it.import(&seat, "岗位.csv", posts.into(), None).await?;
        it.import(&seat, "岗位.csv", posts.into(), Some((&look.sm3, look.version))).await?;

        let (gb, _, _) = encoding_rs::GB18030.encode(PEOPLE);
        let look = it.import(&seat, "人员.csv", gb.to_vec(), None).await?;
        let fate = |row: usize| look.rows.iter().find(|one| one.row == row).map(|one| &one.fate);
        ensure!(fate(2) == Some(&Fate::New), "{:?}", fate(2));
        ensure!(
            matches!(fate(3), Some(Fate::Changed(said)) if said.join("").contains("姓名由“丁雪”改为")),
            "{:?}",
            fate(3)
        );
        ensure!(fate(4) == Some(&Fate::Unchanged), "{:?}", fate(4));
        let why = |row: usize| match fate(row) {
            Some(Fate::Refused(why)) => why.concat(),
            other => format!("not refused: {other:?}"),
        };
        ensure!(why(5).contains("没有标识为“nowhere”的岗位"), "{}", why(5));
        ensure!(why(6).contains("与第2行的编号重复"), "{}", why(6));
        ensure!(why(7).contains("都要填写"), "{}", why(7));
        ensure!(why(8).contains("安全保密管理员"), "rights do not come from files: {}", why(8));
        let asked =
            it.import(&seat, "人员.csv", gb.to_vec(), Some((&look.sm3, look.version))).await;
        ensure!(code(asked) == "rows_refused", "whole or not at all");
        ensure!(!it.directory().await?.people.contains_key("lu-ming"), "nothing of it");
        let good: String = PEOPLE.lines().take(4).map(|line| format!("{line}\r\n")).collect();
        let look = it.import(&seat, "人员.csv", good.clone().into(), None).await?;
        it.import(&seat, "人员.csv", good.into(), Some((&look.sm3, look.version))).await?;
        let directory = it.directory().await?;
        let label = directory.main_seat(&"lu-ming".into()).context("a seat")?.label();
        ensure!(label == "陆明（云州市统计局 局长）", "{label}");

        for (bad, says) in [
            (&b"\xff\xff,\x81"[..], "编码"),
            ("姓名,年龄\n甲,1\n".as_bytes(), "表头"),
            ("人员编号,姓名,年龄\na,b,c\n".as_bytes(), "年龄"),
            (b"PK\x03\x04 no archive", "XLSX"),
        ] {
            match it.import(&seat, "x", bad.to_vec(), None).await {
                Err(Error::Invalid { text, .. }) => ensure!(text.contains(says), "{text}"),
                other => anyhow::bail!("{other:?}"),
            }
        }
        ensure!(
            code(it.import(&seat, "x", vec![b'a'; 11 << 20], None).await) == "too_large",
            "limit"
        );
        for who in [SECURITY, AUDITOR, "林晓", "何平"] {
            let asked = it.import(&office.seat(who), "x", PEOPLE.into(), None).await;
            ensure!(code(asked) == "not_your_right", "{who}");
        }
        Ok(())
    }

    pub async fn what_is_exported_comes_back_unchanged(office: TestOffice) -> Result<()> {
        let (it, seat) = (&office.office, office.seat(SYSTEM));
        let formula =
            PersonCard { id: "gong-shi".into(), name: "=HYPERLINK(\"x\")".into(), main_post: None };
        it.direct(&office.actor(SYSTEM), &[Change::AddPerson(formula)], None).await?;
        let mut files = vec![it.export_directory(&seat, None).await?];
        for form in Form::ALL {
            files.push(it.export_directory(&seat, Some(form)).await?);
        }
        let csv = String::from_utf8(files.last().context("people")?.clone())?;
        ensure!(csv.starts_with('\u{feff}') && csv.contains("'=HYPERLINK"), "{csv}");
        for bytes in files {
            let look = it.import(&seat, "again", bytes, None).await?;
            let other: Vec<&RowFate> =
                look.rows.iter().filter(|row| row.fate != Fate::Unchanged).collect();
            ensure!(look.rows.len() > 5 && other.is_empty(), "{other:?}");
        }
        Ok(())
    }

    pub async fn topics_come_and_go_with_the_tables(office: TestOffice) -> Result<()> {
        let (it, seat) = (&office.office, office.seat(SYSTEM));
        let file = |topics: &str| {
            format!("单位编号,全称,分管专题\ncaizheng,云州市财政局,\"{topics}\"\n").into_bytes()
        };
        let topics = async || {
            let directory = it.directory().await?;
            let topics = directory.units["caizheng"].topics.clone();
            Ok::<_, Error>(topics.into_iter().map(|(topic, post)| format!("{topic}={post}")))
        };
        let before: Vec<_> = topics().await?.collect();

        let wrong = "教育=nowhere；专项债券；国资：fushizhang-shehui；国资=fushizhang-jingji；=fushizhang-jingji";
        let look = it.import(&seat, "单位.csv", file(wrong), None).await?;
        let Fate::Refused(why) = &look.rows[0].fate else { anyhow::bail!("{:?}", look.rows) };
        let says = [
            "“教育=nowhere”不能采用：没有标识为“nowhere”的岗位",
            "“专项债券”没有写岗位",
            "“国资=fushizhang-jingji”与前面的专题重复",
            "“=fushizhang-jingji”不能采用：",
            "先导入岗位",
        ];
        ensure!(why.len() == says.len(), "each wrong topic by itself: {why:#?}");
        for (why, says) in why.iter().zip(says) {
            ensure!(why.contains(says), "{why}: {says}");
        }
        let confirm = Some((look.sm3.as_str(), look.version));
        let asked = it.import(&seat, "单位.csv", file(wrong), confirm).await;
        ensure!(code(asked) == "rows_refused", "nothing of it");
        ensure!(topics().await?.collect::<Vec<_>>() == before, "nothing of it");

        let good = "国资：fushizhang-shehui；财政=fushizhang-jingji";
        let look = it.import(&seat, "单位.csv", file(good), None).await?;
        let Fate::Changed(said) = &look.rows[0].fate else { anyhow::bail!("{:?}", look.rows) };
        ensure!(said.concat().contains("“国资”由“"), "{said:?}");
        it.import(&seat, "单位.csv", file(good), Some((&look.sm3, look.version))).await?;
        let now: Vec<_> = topics().await?.collect();
        ensure!(now == ["国资=fushizhang-shehui", "财政=fushizhang-jingji"], "{now:?}");

        // A name with a separator in it comes back too, and a table without the column leaves all as it is.
        let posts = "人才；引进=fushizhang-shehui\n财政=fushizhang-jingji\n";
        let look = it.import(&seat, "单位.csv", file(posts), None).await?;
        it.import(&seat, "单位.csv", file(posts), Some((&look.sm3, look.version))).await?;
        ensure!(topics().await?.any(|topic| topic == "人才；引进=fushizhang-shehui"), "its name");
        for form in [None, Some(Form::Units)] {
            let bytes = it.export_directory(&seat, form).await?;
            let look = it.import(&seat, "again", bytes, None).await?;
            ensure!(look.rows.iter().all(|row| row.fate == Fate::Unchanged), "{:?}", look.rows);
        }
        let without = "单位编号,全称\ncaizheng,云州市财政局\n";
        let look = it.import(&seat, "单位.csv", without.into(), None).await?;
        ensure!(look.rows[0].fate == Fate::Unchanged, "{:?}", look.rows);
        let look = it.import(&seat, "单位.csv", file(""), None).await?;
        it.import(&seat, "单位.csv", file(""), Some((&look.sm3, look.version))).await?;
        ensure!(topics().await?.count() == 0, "an empty cell means none");
        Ok(())
    }

    pub async fn an_account_lives_and_ends(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let (it, by) = (&office.office, office.actor(SYSTEM));
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        it.disable_account(&by, "lin-xiao", true).await?;
        ensure!(code(it.session(&token).await) == "not_signed_in", "the session ends at once");
        ensure!(
            code(it.sign_in("lin-xiao", PASSWORD).await) == "bad_credentials",
            "and none begins"
        );
        it.disable_account(&by, "lin-xiao", false).await?;
        ensure!(code(it.session(&token).await) == "not_signed_in", "what ended stays so");
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        office.hand.forward(TimeDelta::seconds(2));
        let given = it.reset_password(&by, "lin-xiao").await?;
        ensure!(code(it.session(&token).await) == "not_signed_in", "reset ends sessions");
        ensure!(
            code(it.sign_in("lin-xiao", PASSWORD).await) == "bad_credentials",
            "the old one is gone"
        );
        it.sign_in("lin-xiao", &given.password).await?;
        for _ in 0..5 {
            it.sign_in("zhou-ming", "wrong").await.err().context("refused")?;
        }
        let locked = it.sign_in("zhou-ming", PASSWORD).await;
        ensure!(matches!(locked, Err(Error::LockedOut { .. })), "{locked:?}");
        ensure!(code(it.unlock(&by, "zhou-ming").await) == "not_your_right", "that is security's");
        it.unlock(&office.actor(SECURITY), "zhou-ming").await?;
        it.sign_in("zhou-ming", PASSWORD).await?;
        // None of the three gets at another's account; the command line does.
        for login in ["qin-an", "zhong-jian", "shi-jian"] {
            ensure!(code(it.reset_password(&by, login).await) == "invalid", "{login}");
            ensure!(code(it.disable_account(&by, login, true).await) == "invalid", "{login}");
        }
        it.reset_password(&Actor::System, "zhong-jian").await?;
        for who in [SECURITY, AUDITOR, "何平", "林晓"] {
            let by = office.actor(who);
            ensure!(code(it.reset_password(&by, "sun-li").await) == "not_your_right", "{who}");
            ensure!(
                code(it.disable_account(&by, "sun-li", true).await) == "not_your_right",
                "{who}"
            );
            ensure!(
                code(it.make_accounts(&by, &[("x1".into(), "sun-li".into())]).await)
                    == "not_your_right",
                "{who}"
            );
        }
        let stored = office.place.dump("event").await?.join("")
            + &office.place.dump("journal").await?.join("");
        ensure!(!stored.contains(&given.password), "the password is written nowhere");
        Ok(())
    }

    pub async fn passwords_that_were_given_serve_once(office: TestOffice) -> Result<()> {
        let (it, by) = (&office.office, office.actor(SYSTEM));
        let wanted =
            [("lin.xiao".to_owned(), "lin-xiao".into()), ("zm".to_owned(), "zhou-ming".into())];
        let made = it.make_accounts(&by, &wanted).await?;
        let first = made.first().context("an account")?;
        ensure!(first.login == "lin.xiao" && first.password.len() >= 14, "{first:?}");
        ensure!(code(it.make_accounts(&by, &wanted).await) == "already_there", "once");
        let (token, session) = it.sign_in("lin.xiao", &first.password).await?;
        ensure!(session.must_change, "it says so");
        ensure!(code(it.session(&token).await) == "must_change_password", "nothing else is done");
        for bad in ["short", "123456789012", "lin.xiao-lin.xiao", &first.password] {
            ensure!(
                code(it.change_password(&token, &first.password, bad).await) == "invalid",
                "{bad}"
            );
        }
        let good = "云河堤防在七月里要巡查三遍";
        ensure!(
            code(it.change_password(&token, "not the old one", good).await) == "invalid",
            "the old one"
        );
        let (fresh, session) = it.change_password(&token, &first.password, good).await?;
        ensure!(!session.must_change, "changed");
        it.session(&fresh).await?;
        ensure!(code(it.session(&token).await) == "not_signed_in", "the old session is over");
        it.sign_in("lin.xiao", good).await?;
        Ok(())
    }

    pub async fn a_password_ages_and_does_not_come_back(office: TestOffice) -> Result<()> {
        let (it, by) = (&office.office, office.actor(SYSTEM));
        let made = it.make_accounts(&by, &[("lin-xiao".into(), "lin-xiao".into())]).await?;
        let first = made.first().context("an account")?.password.clone();
        let (mut token, _) = it.sign_in("lin-xiao", &first).await?;
        let mut last = first;
        // Six passwords: the first of them has been forgotten after that, the others have not.
        let own =
            ["甲", "乙", "丙", "丁", "戊", "己"].map(|one| format!("云河堤防每月巡查三遍{one}组"));
        for password in &own {
            (token, _) = it.change_password(&token, &last, password).await?;
            last.clone_from(password);
            office.hand.forward(TimeDelta::minutes(1));
        }
        for had in &own[1..5] {
            let Err(Error::Invalid { text, .. }) = it.change_password(&token, &last, had).await
            else {
                anyhow::bail!("{had} came back");
            };
            ensure!(text.contains("最近5次"), "{text}");
        }
        let stored = office.place.dump("password_past").await?;
        ensure!(stored.len() == 5, "{} are kept", stored.len());
        ensure!(!stored.join("").contains("云河堤防"), "as hashes");

        office.hand.forward(TimeDelta::days(89));
        let (_, session) = it.sign_in("lin-xiao", &last).await?;
        ensure!(!session.must_change, "not yet");
        office.hand.forward(TimeDelta::days(1));
        let (token, session) = it.sign_in("lin-xiao", &last).await?;
        ensure!(session.must_change && session.too_old == Some(90), "{session:?}");
        let asked = it.session(&token).await;
        ensure!(matches!(asked, Err(Error::MustChangePassword { after: Some(90) })), "{asked:?}");
        let (token, session) =
            it.change_password(&token, &last, "水位到了警戒线要报告三次").await?;
        ensure!(!session.must_change && it.session(&token).await.is_ok(), "changed");
        Ok(())
    }

    pub async fn passwords_from_before_ages_were_kept_age_too(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let (it, by) = (&office.office, office.actor(SYSTEM));
        let given = it.reset_password(&by, "sun-li").await?;
        office.hand.forward(TimeDelta::days(400));
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        // What an upgrade finds: nobody knows when they were set.
        let upgraded = office.another_node().await?;
        let it = &upgraded.office;
        ensure!(it.signed_in(&token).await?, "who was signed in stays so");
        let sign_in = async |login: &str, password: &str| {
            let (_, session) = it.sign_in(login, password).await?;
            anyhow::Ok((session.must_change, session.too_old))
        };
        ensure!(sign_in("lin-xiao", PASSWORD).await? == (false, None), "not everybody at once");
        let known = office.place.dump("account").await?;
        office.hand.forward(TimeDelta::days(89));
        office.another_node().await?;
        ensure!(office.place.dump("account").await? == known, "it is seen for the first time once");
        ensure!(sign_in("lin-xiao", PASSWORD).await? == (false, None), "89 days");
        let (changing, _) = it.sign_in("zhou-ming", PASSWORD).await?;
        let own = "云河堤防每月巡查三遍才放心";
        it.change_password(&changing, PASSWORD, own).await?;
        office.hand.forward(TimeDelta::days(1));
        let old = (true, Some(90));
        ensure!(sign_in("lin-xiao", PASSWORD).await? == old, "90 days since it was seen");
        ensure!(sign_in("zhou-ming", own).await? == (false, None), "1 day since it was changed");
        ensure!(sign_in("sun-li", &given.password).await? == (true, None), "it serves once anyway");
        Ok(())
    }

    pub async fn everything_open_goes_to_a_successor(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let (it, by) = (&office.office, office.actor(SYSTEM));
        let mut cases = vec![];
        for _ in 0..3 {
            let case = crate::notice(&office, "财政局").await?;
            office.approve("林晓", case, "").await?;
            cases.push(case);
        }
        let draft = office.draft("周明", "outgoing", Kind::Notice, "没写完的通知").await?;
        office.write("周明", draft, &[("organ", "市政府")], Some("一、半句话")).await?;
        let (token, _) = it.sign_in("zhou-ming", PASSWORD).await?;
        let open = it.open_work(&by, &"zhou-ming".into()).await?;
        ensure!(
            open.tasks.len() == 4 && open.tasks.iter().filter(|task| task.draft).count() == 1,
            "{open:?}"
        );
        ensure!(open.posts_alone.iter().any(|(_, name)| name == "文秘科 科长"), "{open:?}");
        let (from, to) = (PersonId::from("zhou-ming"), PersonId::from("xu-nuo"));
        ensure!(
            code(it.hand_over_all(&by, &from, &to, true, " ").await) == "reason_required",
            "why"
        );
        ensure!(
            code(it.hand_over_all(&by, &from, &"zhong-jian".into(), true, "x").await)
                == "administrator_acts",
            "to an auditor"
        );
        for who in [AUDITOR, "林晓", "何平"] {
            let asked = it.hand_over_all(&office.actor(who), &from, &to, true, "x").await;
            ensure!(code(asked) == "not_your_right", "{who}");
        }
        let done = it.hand_over_all(&by, &from, &to, true, "退休").await?;
        ensure!(done.directed.said.iter().any(|said| said.contains("周明改为许诺")), "{done:?}");
        ensure!(code(it.session(&token).await) == "not_signed_in", "the leaver's sessions end");
        ensure!(
            !it.hand_over_state(&by, &from).await?.context("a state")?.done,
            "a job does the rest"
        );
        office.settle().await?;
        let state = it.hand_over_state(&by, &from).await?.context("a state")?;
        ensure!(state.done && state.moved == 4 && state.left.is_empty(), "{state:?}");
        let here = TestOffice { directory: (*it.directory().await?).clone(), ..office };
        for case in cases {
            here.approve("许诺", case, "接手后同意").await?;
        }
        let file = here.file("许诺", draft).await?;
        let working = file.working.context("what was being written came along")?;
        ensure!(format!("{:?}", working.body).contains("半句话"), "{working:?}");
        ensure!(here.office.open_work(&by, &from).await?.tasks.is_empty(), "nothing is left");
        // Again: nothing is left to do, and nothing breaks.
        here.office.hand_over_all(&by, &from, &to, true, "再来一次").await?;
        here.settle().await?;
        let state = here.office.hand_over_state(&by, &from).await?.context("a state")?;
        ensure!(state.done && state.moved == 0, "{state:?}");
        Ok(())
    }

    pub async fn a_hand_over_whose_lease_is_over_moves_nothing(office: TestOffice) -> Result<()> {
        for _ in 0..3 {
            let case = crate::notice(&office, "财政局").await?;
            office.approve("林晓", case, "").await?;
        }
        office.settle().await?;
        let (it, by) = (&office.office, office.actor(SYSTEM));
        let (from, to) = (PersonId::from("zhou-ming"), PersonId::from("xu-nuo"));
        it.hand_over_all(&by, &from, &to, false, "退休").await?;
        // A node whose leases are over before it does anything, as if it had slept since.
        let press = Arc::new(wenshu_testkit::PaperPress);
        let late = office.another_node_with(press, Duration::ZERO).await?;
        let before = office.place.dump("event").await?.len();
        ensure!(late.office.work_once().await? == 1, "the hand-over is a job");
        ensure!(office.place.dump("event").await?.len() == before, "who slept wrote");
        ensure!(!it.hand_over_state(&by, &from).await?.context("a state")?.done);
        // Whoever has it now does all of it, and says so once.
        office.settle().await?;
        let state = it.hand_over_state(&by, &from).await?.context("a state")?;
        ensure!(state.done && state.moved == 3, "{state:?}");
        let events = office.place.dump("event").await?;
        let told = events.iter().filter(|row| row.contains("hand_over_done")).count();
        ensure!(told == 1, "{told}");
        Ok(())
    }

    pub async fn numbers_are_kept_given_and_made_void(office: TestOffice) -> Result<()> {
        let (it, registry) = (&office.office, office.seat("吴静"));
        let year = 2026;
        let three =
            it.reserve_number(&registry, "shi-fa", year, Some(3), "留给年度工作要点").await?;
        let next = it.reserve_number(&registry, "shi-fa", year, None, "试用").await?;
        ensure!((three, next) == (3, 1), "{three} {next}");
        ensure!(
            code(it.reserve_number(&registry, "shi-fa", year, Some(3), "再留").await) == "rule",
            "taken"
        );
        ensure!(
            code(it.reserve_number(&registry, "shi-fa", year, Some(9), " ").await)
                == "reason_required",
            "why"
        );
        it.void_number(&registry, "shi-fa", year, 2, "登记簿写错").await?;
        ensure!(
            it.next_number("shi-fa", year).await?.seq == 4,
            "kept and void ones are passed over"
        );
        for who in ["林晓", "钱浩", SECURITY] {
            let seat = office.seat(who);
            ensure!(
                code(it.reserve_number(&seat, "shi-fa", year, None, "x").await) == "not_your_right",
                "{who}"
            );
            ensure!(
                code(it.void_number(&seat, "shi-fa", year, 9, "x").await) == "not_your_right",
                "{who}"
            );
            ensure!(
                code(it.number_register(&seat, "shi-fa", year).await) == "not_your_right",
                "{who}"
            );
        }
        // A document comes to 编号 and has the number that was kept for it.
        let case = crate::notice(&office, "").await?;
        office.approve("林晓", case, "").await?;
        for who in ["周明", "吴静"] {
            office.approve(who, case, "同意").await?;
        }
        it.choose_number(&registry, case, Some(("shi-fa".into(), year, 3))).await?;
        let other = crate::notice(&office, "").await?;
        ensure!(
            it.choose_number(&registry, other, Some(("shi-fa".into(), year, 3))).await.is_err(),
            "one document"
        );
        ensure!(code(it.void_number(&registry, "shi-fa", year, 3, "x").await) == "rule", "chosen");
        let number = crate::numbered(&office, case).await?;
        ensure!(number.to_string() == "云政发〔2026〕3号", "{number}");
        ensure!(code(it.void_number(&registry, "shi-fa", year, 3, "x").await) == "rule", "in use");
        let lines = it.number_register(&office.seat(SYSTEM), "shi-fa", year).await?;
        let fates: Vec<_> = lines.iter().map(|line| (line.number, line.given.clone())).collect();
        ensure!(
            matches!(&fates[..], [(1, Given::Reserved { .. }), (2, Given::Void { .. }), (3, Given::Used { case: Some(of) })] if *of == case),
            "{fates:?}"
        );
        // The series itself.
        let admin = office.seat(SYSTEM);
        let series = |id: &str, code: &str| Series {
            id: id.into(),
            organ: "shi".into(),
            code: code.into(),
            title: "市政府令".into(),
            kinds: vec![],
        };
        ensure!(
            code(it.add_series(&registry, series("shi-ling", "云政令")).await) == "not_your_right",
            "registrar"
        );
        it.add_series(&admin, series("shi-ling", "云政令")).await?;
        ensure!(
            code(it.add_series(&admin, series("shi-ling2", "云政令")).await) == "code_taken",
            "one 代字"
        );
        it.edit_series(&admin, series("shi-ling", "云令")).await?;
        ensure!(
            code(it.edit_series(&admin, series("shi-fa", "云府发")).await) == "rule",
            "numbers were given"
        );
        Ok(())
    }

    const SVG: &str =
        "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><circle r='9'/></svg>";

    pub async fn a_seal_is_what_was_recorded(office: TestOffice) -> Result<()> {
        let (it, keeper) = (&office.office, office.seat(SECURITY));
        let add = Change::AddSeal {
            seal: "caizheng-yin2".into(),
            name: "云州市财政局印章".into(),
            unit: "caizheng".into(),
            keeper: "caizheng-shoufa".into(),
        };
        ensure!(
            code(it.direct(&office.actor(SYSTEM), std::slice::from_ref(&add), None).await)
                == "not_your_right",
            "security's"
        );
        it.direct(&office.actor(SECURITY), &[add], None).await?;
        let seal = SealId::from("caizheng-yin2");
        for bad in [&b"GIF89a"[..], b"<svg><script/></svg>", b""] {
            ensure!(
                code(it.set_seal_image(&keeper, &seal, bad.into()).await) == "invalid",
                "sniffed"
            );
        }
        let large = vec![b' '; (1 << 20) + 1];
        ensure!(code(it.set_seal_image(&keeper, &seal, large.into()).await) == "too_large", "1 MB");
        it.set_seal_image(&keeper, &seal, SVG.as_bytes().into()).await?;
        let directory = it.directory().await?;
        let image = directory.seals[&seal].image.clone().context("an image")?;
        ensure!(image.sm3 == wenshu_document::hash::sm3_hex(SVG.as_bytes()), "{image:?}");
        let (media, bytes) = it.seal_image(&office.seat("钱浩"), &seal).await?;
        ensure!(media == "image/svg+xml" && bytes == SVG, "its keeper sees it");
        ensure!(
            code(it.seal_image(&office.seat("林晓"), &seal).await) == "not_your_right",
            "others do not"
        );
        ensure!(
            code(it.seal_image(&office.seat(SYSTEM), &seal).await) == "not_your_right",
            "nor the system's"
        );
        Ok(())
    }

    pub async fn the_journal_holds_and_names_what_was_changed(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let (it, auditor) = (&office.office, office.seat(AUDITOR));
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        it.sign_out(&token).await?;
        // At the door it is told of whose name was given, and where from; what is nobody's name is not kept.
        let door = Door { source: "10.1.2.3".into(), near: false };
        for login in ["lin-xiao", "no-such-name"] {
            let refused = it.sign_in_from(login, "不对的密码", &door).await;
            ensure!(matches!(refused, Err(Error::BadCredentials)), "{refused:?}");
        }
        for (what, person, name, text) in [
            ("signed_in", Some("lin-xiao"), "林晓", "lin-xiao登录成功（本机）"),
            ("refused", Some("lin-xiao"), "林晓", "lin-xiao密码错误，连续第1次（来自10.1.2.3）"),
            ("refused", None, "未知用户", "不存在的用户名密码错误，连续第1次（来自10.1.2.3）"),
        ] {
            let question = JournalQuestion { what: vec![what.into()], ..Default::default() };
            let page = it.journal(&auditor, &question, &Slice::first(9)).await?;
            let told = page.items.iter().any(|line| {
                line.person.as_ref().map(PersonId::as_str) == person
                    && (line.name.as_str(), line.text.as_str()) == (name, text)
            });
            ensure!(told, "{what} by {name}: {:?}", page.items);
        }
        it.direct(&office.actor(SYSTEM), &[unit("tongji")], None).await?;
        it.reserve_number(&office.seat("吴静"), "shi-fa", 2026, None, "备用").await?;
        let found = it.verify_journal(&auditor).await?;
        ensure!(found.ok && found.events > 30 && found.streams > 20, "{found:?}");
        // What acts wrote and what a rebuild writes is the same.
        let before = office.place.dump("journal").await?;
        office.place.tamper("DELETE FROM journal WHERE kind = 'workflow'").await?;
        let missing = it.verify_journal(&auditor).await?;
        ensure!(
            !missing.ok && missing.trouble.context("why")?.contains("审计记录不符"),
            "a line was taken out"
        );
        it.rebuild().await?;
        ensure!(office.place.dump("journal").await? == before, "made again");
        ensure!(it.verify_journal(&auditor).await?.ok, "whole again");
        office.place.tamper("UPDATE event SET payload = replace(payload, '云州市tongji', '云州市某某局') WHERE stream = 'directory'").await?;
        let broken = it.verify_journal(&auditor).await?;
        ensure!(
            !broken.ok && broken.stream.as_deref() == Some("directory") && broken.seq.is_some(),
            "{broken:?}"
        );
        Ok(())
    }

    pub async fn journals_are_read_by_those_who_may(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let (it, auditor) = (&office.office, office.seat(AUDITOR));
        it.sign_in("lin-xiao", "wrong").await.err().context("refused")?;
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        office.hand.forward(TimeDelta::seconds(1));
        it.sign_out(&token).await?;
        office.hand.forward(TimeDelta::seconds(1));
        it.direct(&office.actor(SYSTEM), &[unit("tongji")], None).await?;
        let all = JournalQuestion::default();
        let page = it.journal(&auditor, &all, &Slice::first(2)).await?;
        ensure!(page.items.len() == 2 && page.next.is_some(), "a page");
        ensure!(
            page.items.first().map(|line| line.text.as_str()) == Some("新设单位“云州市tongji”"),
            "the latest first"
        );
        let after = Slice { after: page.next, limit: 2 };
        let second = it.journal(&auditor, &all, &after).await?;
        ensure!(
            second.items.len() == 2 && second.items.iter().all(|line| line.at < office.now()),
            "{second:?}"
        );
        let who = JournalQuestion { who: Some("石坚".into()), ..all.clone() };
        let theirs = it.journal(&auditor, &who, &Slice::first(50)).await?;
        ensure!(theirs.items.iter().any(|line| line.what == "unit_added"), "{theirs:?}");
        let what = JournalQuestion { what: vec!["refused".into()], ..all.clone() };
        let refused = it.journal(&auditor, &what, &Slice::first(50)).await?;
        ensure!(refused.items.len() == 1, "{refused:?}");
        let later =
            JournalQuestion { from: Some(office.now() + TimeDelta::hours(1)), ..all.clone() };
        ensure!(it.journal(&auditor, &later, &Slice::first(5)).await?.items.is_empty(), "when");
        // The security administrator reads what users did at the door, not what administrators did.
        let seen = it.journal(&office.seat(SECURITY), &all, &Slice::first(200)).await?;
        ensure!(
            seen.items.iter().all(|line| line.kind == "security") && !seen.items.is_empty(),
            "{seen:?}"
        );
        for who in [SYSTEM, "何平", "林晓", "陈远"] {
            let seat = office.seat(who);
            ensure!(
                code(it.journal(&seat, &all, &Slice::first(5)).await) == "not_your_right",
                "{who}"
            );
            ensure!(code(it.export_journal(&seat, &all).await) == "not_your_right", "{who}");
            ensure!(code(it.verify_journal(&seat).await) == "not_your_right", "{who}");
        }
        let csv = String::from_utf8(it.export_journal(&auditor, &all).await?)?;
        ensure!(
            csv.starts_with('\u{feff}') && csv.contains("新设单位") && csv.contains("导出审计记录"),
            "{csv}"
        );
        Ok(())
    }
}
