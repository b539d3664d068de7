//! At the door: passwords, lock-out, sessions that end, posts.

use super::on_both;

on_both! {
    five_wrong_passwords_lock_out nobody_locks_somebody_else_out what_is_used_while_it_is_ended_stays_ended
    sessions_end_when_idle_and_in_any_case
}

mod played {
    use anyhow::{Result, ensure};
    use chrono::TimeDelta;
    use wenshu_office::{Door, Error};
    use wenshu_testkit::{PASSWORD, TestOffice};

    fn door(source: &str) -> Door {
        Door { source: source.to_owned(), near: false }
    }

    /// What a wrong password is answered with, five times, for a name that somebody has and for one that nobody has.
    pub async fn five_wrong_passwords_lock_out(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let it = &office.office;
        for name in ["lin-xiao", "nobody"] {
            for n in 1..=7 {
                let answer = it.sign_in(name, "wrong").await;
                let locked = matches!(answer, Err(Error::LockedOut { .. }));
                let wrong = matches!(answer, Err(Error::BadCredentials));
                ensure!(if n < 5 { wrong } else { locked }, "{name}, try {n}: {answer:?}");
            }
        }
        ensure!(
            matches!(it.sign_in("lin-xiao", PASSWORD).await, Err(Error::LockedOut { .. })),
            "even the right one"
        );
        office.hand.forward(TimeDelta::minutes(16));
        let (token, session) = it.sign_in("lin-xiao", PASSWORD).await?;
        assert_eq!(
            (session.person.name.as_str(), session.seat.unit_name.as_str()),
            ("林晓", "文秘科")
        );
        let stored = office.place.dump("session").await?.join("");
        ensure!(!stored.contains(&token), "the token is kept nowhere");
        let record = office.place.dump("event").await?.join("");
        ensure!(record.contains("locked_out") && record.contains("signed_in"), "it is on record");
        ensure!(!record.contains("nobody"), "what was typed may be a password in the wrong field");
        Ok(())
    }

    pub async fn nobody_locks_somebody_else_out(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let it = &office.office;
        let (home, cafe) = (door("10.1.0.7"), door("10.2.0.9"));
        it.sign_in_from("lin-xiao", PASSWORD, &home).await?;
        for _ in 0..6 {
            let _refused = it.sign_in_from("lin-xiao", "wrong", &cafe).await.unwrap_err();
        }
        let locked = it.sign_in_from("lin-xiao", PASSWORD, &cafe).await;
        ensure!(matches!(locked, Err(Error::LockedOut { .. })), "where it was tried: {locked:?}");
        it.sign_in_from("lin-xiao", PASSWORD, &home).await?;

        // From many places at once: strangers to the account go slowly, its own places as before.
        let mut slowed = 0;
        for n in 0..40 {
            let door = door(&format!("10.3.0.{n}"));
            if matches!(
                it.sign_in_from("lin-xiao", "wrong", &door).await,
                Err(Error::LockedOut { .. })
            ) {
                slowed += 1;
            }
        }
        ensure!(slowed > 20, "{slowed} of 40 were told to wait");
        it.sign_in_from("lin-xiao", PASSWORD, &home).await?;
        let stranger = it.sign_in_from("lin-xiao", PASSWORD, &door("10.4.0.1")).await;
        ensure!(matches!(stranger, Err(Error::LockedOut { .. })), "{stranger:?}");
        office.hand.forward(TimeDelta::seconds(61));
        it.sign_in_from("lin-xiao", PASSWORD, &door("10.4.0.1")).await?;
        Ok(())
    }

    pub async fn what_is_used_while_it_is_ended_stays_ended(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let it = &office.office;
        let other = office.another_node().await?;
        for _ in 0..8 {
            let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
            office.hand.forward(TimeDelta::minutes(2));
            let post = office.seat("林晓").post.clone();
            let (_, _, ended) = tokio::join!(
                other.office.session(&token),
                other.office.choose_post(&token, &post),
                it.sign_out(&token)
            );
            ended?;
            ensure!(matches!(it.session(&token).await, Err(Error::NotSignedIn)), "it came back");
        }
        Ok(())
    }

    pub async fn sessions_end_when_idle_and_in_any_case(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let it = &office.office;
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        for _ in 0..26 {
            office.hand.forward(TimeDelta::minutes(27));
            it.session(&token).await?;
        }
        office.hand.forward(TimeDelta::minutes(27));
        ensure!(
            matches!(it.session(&token).await, Err(Error::NotSignedIn)),
            "twelve hours are over"
        );
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        office.hand.forward(TimeDelta::minutes(31));
        ensure!(matches!(it.session(&token).await, Err(Error::NotSignedIn)), "idle");
        let (token, _) = it.sign_in("lin-xiao", PASSWORD).await?;
        ensure!(it.choose_post(&token, &"shizhang".into()).await.is_err(), "not a post of theirs");
        it.sign_out(&token).await?;
        ensure!(matches!(it.session(&token).await, Err(Error::NotSignedIn)), "signed out");
        ensure!(matches!(it.session("made up").await, Err(Error::NotSignedIn)), "made up");
        Ok(())
    }
}
