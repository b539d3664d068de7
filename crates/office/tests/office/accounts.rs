//! At the door: passwords, lock-out, sessions that end, posts.

use super::on_both;

on_both! { five_wrong_passwords_lock_out sessions_end_when_idle_and_in_any_case }

mod played {
    use anyhow::{Result, ensure};
    use chrono::TimeDelta;
    use wenshu_office::Error;
    use wenshu_testkit::{PASSWORD, TestOffice};

    pub async fn five_wrong_passwords_lock_out(office: TestOffice) -> Result<()> {
        office.add_accounts().await?;
        let it = &office.office;
        for _ in 0..4 {
            ensure!(
                matches!(it.sign_in("lin-xiao", "wrong").await, Err(Error::BadCredentials)),
                "wrong"
            );
        }
        ensure!(
            matches!(it.sign_in("lin-xiao", "wrong").await, Err(Error::LockedOut { .. })),
            "the fifth"
        );
        ensure!(
            matches!(it.sign_in("lin-xiao", PASSWORD).await, Err(Error::LockedOut { .. })),
            "even the right one"
        );
        ensure!(
            matches!(it.sign_in("nobody", PASSWORD).await, Err(Error::BadCredentials)),
            "an unknown name"
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
