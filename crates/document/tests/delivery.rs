//! Deliveries, told as what people do and what comes of it.

#[expect(dead_code, reason = "each test file uses a part of the city")]
mod common;

use common::{at, city, clerk};
use uuid::Uuid;
use wenshu_core::id::{CaseId, DeliveryId, DocumentId};
use wenshu_document::{Delivery, DeliveryCommand, DeliveryEvent, DeliveryState, decide_delivery};

fn sent() -> DeliveryEvent {
    DeliveryEvent::Sent {
        document: DocumentId(Uuid::nil()),
        case: CaseId(Uuid::nil()),
        from: "gov".into(),
        from_name: "云州市人民政府".into(),
        to: "finance".into(),
        to_name: "云州市财政局".into(),
        cc: false,
        senders: vec![clerk("street")],
        at: at(1),
    }
}

fn command(word: &str) -> DeliveryCommand {
    match word {
        "签收" => DeliveryCommand::SignFor,
        "登记" => DeliveryCommand::Register { case: CaseId(Uuid::nil()), number: None },
        "退文" => DeliveryCommand::Return { reason: "错投".into() },
        "撤回" => DeliveryCommand::Withdraw { reason: "附件有误".into() },
        "催办" => DeliveryCommand::Urge { text: "请尽快签收".into() },
        other => panic!("no such act: {other}"),
    }
}

/// Each line: unit, act, `->`, state or the refusal's code.
fn play(story: &str) {
    let mut events = vec![sent()];
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [unit, act, "->", expected] = words.as_slice() else {
            panic!("not a line of a story: {line}")
        };
        let delivery = Delivery::replay(DeliveryId(Uuid::nil()), &events)
            .expect("it begins with its dispatch");
        let before = delivery.clone();
        let outcome = match decide_delivery(&delivery, command(act), &clerk(unit), &city(), at(2)) {
            Ok(new) => {
                events.extend(new);
                let after = Delivery::replay(DeliveryId(Uuid::nil()), &events).expect("still one");
                assert_ne!(after, before, "{line}: an act that was accepted changes something");
                after.state.title().to_owned()
            }
            Err(rejection) => rejection.code().to_owned(),
        };
        assert_eq!(outcome, *expected, "{line}");
    }
}

#[test]
fn signed_for_then_registered_is_the_end() {
    play(
        "
        gov     催办 -> 待签收
        water   签收 -> delivery-not-your-registry
        finance 登记 -> delivery-not-signed-for
        finance 签收 -> 已签收
        finance 签收 -> delivery-signed-for-before
        gov     撤回 -> delivery-already-signed-for
        finance 登记 -> 已登记
        finance 登记 -> delivery-registered
        finance 退文 -> delivery-registered
        gov     催办 -> delivery-registered
    ",
    );
}

#[test]
fn it_can_be_withdrawn_before_anybody_signed() {
    play(
        "
        finance 撤回 -> delivery-not-the-sender
        street  撤回 -> 已撤回
        finance 签收 -> delivery-withdrawn
        gov     撤回 -> delivery-withdrawn
    ",
    );
}

#[test]
fn it_can_be_returned_before_and_after_signing() {
    play("finance 退文 -> 已退文\n finance 签收 -> delivery-returned");
    play("finance 签收 -> 已签收\n finance 退文 -> 已退文\n finance 登记 -> delivery-returned");
}

#[test]
fn a_return_needs_a_reason() {
    let delivery =
        Delivery::replay(DeliveryId(Uuid::nil()), &[sent()]).expect("it begins with its dispatch");
    let refused = decide_delivery(
        &delivery,
        DeliveryCommand::Return { reason: "  ".into() },
        &clerk("finance"),
        &city(),
        at(2),
    );
    assert_eq!(refused.map_err(|rejection| rejection.to_string()), Err("请写明理由".to_owned()));
    assert_eq!(delivery.state, DeliveryState::Sent);
}
