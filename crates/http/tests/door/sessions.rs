//! Signing in and out, tokens, lock-out, demo accounts, posts.

use super::guest::{Guest, House};
use anyhow::Result;
use axum::{
    Router,
    body::Body,
    http::{Method, StatusCode},
};
use chrono::TimeDelta;
use serde_json::json;
use wenshu_http::{App, DemoAccount, Settings, router};
use wenshu_office::NewAccount;

#[tokio::test]
async fn who_is_not_signed_in_is_told_so_and_who_is_sees_themselves() -> Result<()> {
    let house = House::open().await?;
    let answer = house.stranger().get("/session").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "not_signed_in"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let mut lin = house.guest("林晓").await?;
    let session = lin.get("/session").await.json;
    assert_eq!(session["person"]["name"], "林晓");
    assert_eq!(session["can"]["admin"], false);
    assert_eq!(session["demo"], false);
    assert_eq!(lin.delete("/session").await.status, StatusCode::NO_CONTENT);
    assert_eq!(lin.get("/session").await.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn the_cookie_is_for_this_site_and_not_for_scripts() -> Result<()> {
    let house = House::open().await?;
    let mut guest = house.stranger();
    let body = json!({ "person": "lin-xiao", "password": wenshu_testkit::PASSWORD });
    let answer = guest.post("/session", body).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let (app, _stop) = App::new(
        house.office.office.clone(),
        Settings { secure_cookies: true, ..Settings::default() },
    );
    guest.router = router(app, Router::new());
    let body = json!({ "person": "lin-xiao", "password": wenshu_testkit::PASSWORD });
    assert!(guest.post("/session", body).await.header("set-cookie").ends_with("; Secure"));
    Ok(())
}

#[tokio::test]
async fn behind_tls_the_cookie_is_the_hosts_own() -> Result<()> {
    let house = House::open().await?;
    let settings = Settings { secure_cookies: true, ..Settings::default() };
    let (app, _stop) = App::new(house.office.office.clone(), settings);
    let mut guest = house.stranger();
    guest.router = router(app, Router::new());
    let body = json!({ "person": "lin-xiao", "password": wenshu_testkit::PASSWORD });
    let answer = guest.post("/session", body).await;
    let set = answer.header("set-cookie").to_owned();
    for part in ["__Host-wenshu=", "; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    let strict = answer.header("strict-transport-security");
    assert!(strict.starts_with("max-age=63072000") && strict.contains("includeSubDomains"));
    guest.cookie = answer.cookie();
    assert_eq!(guest.get("/session").await.status, StatusCode::OK);
    // One that another host of the domain could have set opens nothing.
    guest.cookie = guest.cookie.map(|cookie| cookie.replace("__Host-", ""));
    assert_eq!(guest.get("/session").await.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn without_the_token_nothing_is_changed() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let token = lin.csrf.clone();
    for wrong in [None, Some("x".to_owned()), token.clone().map(|token| token + "x")] {
        lin.csrf = wrong;
        let answer = lin.put("/phrases", json!({ "own": ["偷换"] })).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "csrf"));
    }
    lin.csrf = token;
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let body = Body::from(json!({ "own": ["偷换"] }).to_string());
    let answer = lin.send(Method::PUT, "/phrases", "application/json", body, &elsewhere).await;
    assert_eq!(answer.code(), "csrf");
    assert_eq!(lin.get("/phrases").await.json["own"], json!([]));
    assert_eq!(lin.put("/phrases", json!({ "own": ["照此办理。"] })).await.status, StatusCode::OK);
    assert_eq!(lin.get("/phrases").await.json["own"], json!(["照此办理。"]));
    Ok(())
}

#[tokio::test]
async fn wrong_passwords_close_the_account_to_where_they_came_from() -> Result<()> {
    let house = House::open().await?;
    let (mut guest, mut other) = (house.stranger(), house.stranger());
    guest.peer = [10, 0, 0, 7];
    other.peer = [10, 0, 0, 7];
    // Nothing tells a name that somebody has from one that nobody has.
    for n in 0..7 {
        let known = guest.post("/session", json!({ "person": "lin-xiao", "password": "x" })).await;
        let unknown = other.post("/session", json!({ "person": "nobody", "password": "x" })).await;
        let wanted = if n < 4 { "bad_credentials" } else { "locked_out" };
        assert_eq!(known.code(), wanted, "{n}");
        assert_eq!((known.status, known.json), (unknown.status, unknown.json), "{n}");
    }
    let right = json!({ "person": "lin-xiao", "password": wenshu_testkit::PASSWORD });
    let answer = guest.post("/session", right.clone()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, "locked_out"));
    // Their owner is somewhere else, also behind a proxy on this machine.
    other.peer = [10, 0, 0, 8];
    assert_eq!(other.post("/session", right.clone()).await.status, StatusCode::OK);
    other.peer = [127, 0, 0, 1];
    let mut through = async |from: &str| {
        let (body, passed_on) = (Body::from(right.to_string()), [("x-forwarded-for", from)]);
        other.send(Method::POST, "/session", "application/json", body, &passed_on).await.status
    };
    assert_eq!(through("10.0.0.8, 10.0.0.7").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(through("10.0.0.7, 10.0.0.8").await, StatusCode::OK);
    house.office.hand.forward(TimeDelta::minutes(16));
    assert_eq!(guest.post("/session", right).await.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    for _ in 0..3 {
        house.office.hand.forward(TimeDelta::minutes(25));
        assert_eq!(lin.get("/counts").await.status, StatusCode::OK);
    }
    house.office.hand.forward(TimeDelta::minutes(31));
    assert_eq!(lin.get("/counts").await.code(), "not_signed_in");
    Ok(())
}

/// A house whose people are a demo's.
async fn demo() -> Result<(House, Guest)> {
    let mut house = House::empty().await?;
    let account = NewAccount {
        login: "demo".into(),
        person: "lin-xiao".into(),
        password: "known-to-all".into(),
        demo: true,
        one_time: false,
    };
    house.office.office.add_accounts(vec![account]).await?;
    let offered = DemoAccount {
        login: "demo".into(),
        name: "林晓".into(),
        post: "科员".into(),
        unit: "文秘科".into(),
        role_title: "经办人".into(),
        password: "known-to-all".into(),
    };
    let settings = Settings { demo: vec![offered], ..Settings::default() };
    let (app, stop) = App::new(house.office.office.clone(), settings);
    house.router = router(app, Router::new());
    house.stop = stop;
    let guest = house.stranger();
    Ok((house, guest))
}

#[tokio::test]
async fn passwords_that_everybody_knows_count_on_this_machine_only() -> Result<()> {
    let (_house, mut guest) = demo().await?;
    let known = json!({ "person": "demo", "password": "known-to-all" });
    guest.peer = [10, 0, 0, 7];
    assert_eq!(guest.post("/session", known.clone()).await.code(), "bad_credentials");
    assert_eq!(guest.get("/demo/accounts").await.status, StatusCode::NOT_FOUND);
    guest.peer = [127, 0, 0, 1];
    // A proxy on this machine speaks for others.
    for passed_on in ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-proto"] {
        let body = Body::from(known.to_string());
        let answer = guest
            .send(Method::POST, "/session", "application/json", body, &[(passed_on, "10.0.0.7")])
            .await;
        assert_eq!(answer.code(), "bad_credentials", "{passed_on}");
    }
    // So does a name that another site made to point here.
    for (host, status) in
        [("evil.example:8080", StatusCode::NOT_FOUND), ("localhost:8080", StatusCode::OK)]
    {
        let answer =
            guest.send(Method::GET, "/demo/accounts", "", Body::empty(), &[("host", host)]).await;
        assert_eq!(answer.status, status, "{host}");
    }
    assert_eq!(guest.get("/demo/accounts").await.json[0]["role_title"], "经办人");
    let session = guest.post("/session", known).await;
    assert_eq!((session.status, &session.json["demo"]), (StatusCode::OK, &json!(true)));
    Ok(())
}

#[tokio::test]
async fn outside_the_demo_no_accounts_are_offered() -> Result<()> {
    let house = House::open().await?;
    assert_eq!(house.stranger().get("/demo/accounts").await.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn one_acts_only_in_posts_that_are_ones_own() -> Result<()> {
    let house = House::open().await?;
    let mut lin = house.guest("林晓").await?;
    let session = lin.get("/session").await.json;
    let own = session["seat"]["post"].clone();
    assert_eq!(lin.put("/session/post", json!({ "post": own })).await.status, StatusCode::OK);
    let answer = lin.put("/session/post", json!({ "post": "shizhang" })).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "no_such_person")
    );
    assert_eq!(lin.get("/session").await.json["seat"]["post"], own);
    Ok(())
}
