//! A delivery 分发件: one document on its way to one unit, from dispatch to registration.
//!
//! Sign for, return and withdraw look only at the delivery, never at a case of either side.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use wenshu_core::{
    directory::{Directory, Seat},
    id::{CaseId, DeliveryId, DocumentId, UnitId},
};

/// A delivery as its events made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub document: DocumentId,
    pub case: CaseId,
    pub from: UnitId,
    pub from_name: String,
    pub to: UnitId,
    pub to_name: String,
    /// 抄送, not 主送.
    pub cc: bool,
    /// Who dispatched it, and who drafted the document: they may urge and withdraw, as may the sender's registry.
    pub senders: Vec<Seat>,
    pub state: DeliveryState,
    pub sent_at: DateTime<Utc>,
    pub signed_for: Option<SignedFor>,
    /// The receiving unit's own case.
    pub registered: Option<CaseId>,
    /// 收文编号, as the receiving registry gave it.
    pub own_number: Option<String>,
    pub reason: Option<String>,
    pub urged: u32,
}

/// Who signed for it, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedFor {
    pub by: Seat,
    pub at: DateTime<Utc>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// 待签收.
    Sent,
    /// 已签收.
    SignedFor,
    /// 已登记: the end of a good one.
    Registered,
    /// 已退文: an end.
    Returned,
    /// 已撤回: an end.
    Withdrawn,
}

/// What people ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum DeliveryCommand {
    /// 签收.
    SignFor,
    /// 退文, with a reason (条例 art. 24(3)).
    Return { reason: String },
    /// 登记, which starts the unit's own flow as `case`, under a number of its own book.
    Register { case: CaseId, number: Option<String> },
    /// 撤回, before anybody signed for it.
    Withdraw { reason: String },
    /// 催办.
    Urge { text: String },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DeliveryEvent {
    Sent {
        document: DocumentId,
        case: CaseId,
        from: UnitId,
        from_name: String,
        to: UnitId,
        to_name: String,
        cc: bool,
        senders: Vec<Seat>,
        at: DateTime<Utc>,
    },
    SignedFor {
        by: Seat,
        at: DateTime<Utc>,
    },
    Returned {
        by: Seat,
        reason: String,
        at: DateTime<Utc>,
    },
    Registered {
        case: CaseId,
        by: Seat,
        at: DateTime<Utc>,
        /// 收文编号.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    Withdrawn {
        by: Seat,
        reason: String,
        at: DateTime<Utc>,
    },
    Urged {
        by: Seat,
        text: String,
        at: DateTime<Utc>,
    },
}

/// Why it may not be done. The Chinese is for users.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeliveryRejection {
    #[error("这份公文发给{to}，由其收发岗办理")]
    NotYourRegistry { to: String },
    #[error("只有发文的经办人或{from}收发岗可以这样做")]
    NotTheSender { from: String },
    #[error("{to}还没有签收，请先签收")]
    NotSignedFor { to: String },
    #[error("{to}已经签收，不能撤回；如有差错，请对方退文或另发更正")]
    AlreadySignedFor { to: String },
    #[error("已经签收过了")]
    SignedForBefore,
    #[error("已经登记收文，不能再操作")]
    Registered,
    #[error("已经退文，不能再操作")]
    Returned,
    #[error("发文单位已经撤回，不能再操作")]
    Withdrawn,
    #[error("请写明理由")]
    NoReason,
}

impl DeliveryRejection {
    /// Stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DeliveryRejection::NotYourRegistry { .. } => "delivery-not-your-registry",
            DeliveryRejection::NotTheSender { .. } => "delivery-not-the-sender",
            DeliveryRejection::NotSignedFor { .. } => "delivery-not-signed-for",
            DeliveryRejection::AlreadySignedFor { .. } => "delivery-already-signed-for",
            DeliveryRejection::SignedForBefore => "delivery-signed-for-before",
            DeliveryRejection::Registered => "delivery-registered",
            DeliveryRejection::Returned => "delivery-returned",
            DeliveryRejection::Withdrawn => "delivery-withdrawn",
            DeliveryRejection::NoReason => "delivery-no-reason",
        }
    }
}

impl DeliveryState {
    /// Nothing more happens to it.
    #[must_use]
    pub fn is_over(self) -> bool {
        match self {
            DeliveryState::Sent | DeliveryState::SignedFor => false,
            DeliveryState::Registered | DeliveryState::Returned | DeliveryState::Withdrawn => true,
        }
    }

    /// Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            DeliveryState::Sent => "待签收",
            DeliveryState::SignedFor => "已签收",
            DeliveryState::Registered => "已登记",
            DeliveryState::Returned => "已退文",
            DeliveryState::Withdrawn => "已撤回",
        }
    }
}

impl Delivery {
    /// The delivery that these events make; none if they do not begin with its dispatch.
    #[must_use]
    pub fn replay(id: DeliveryId, events: &[DeliveryEvent]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let DeliveryEvent::Sent { document, case, from, from_name, to, to_name, cc, senders, at } =
            first
        else {
            return None;
        };
        let mut delivery = Self {
            id,
            document: *document,
            case: *case,
            from: from.clone(),
            from_name: from_name.clone(),
            to: to.clone(),
            to_name: to_name.clone(),
            cc: *cc,
            senders: senders.clone(),
            state: DeliveryState::Sent,
            sent_at: *at,
            signed_for: None,
            registered: None,
            own_number: None,
            reason: None,
            urged: 0,
        };
        for event in rest {
            delivery.apply(event);
        }
        Some(delivery)
    }

    /// Takes note of what happened; never refuses.
    pub fn apply(&mut self, event: &DeliveryEvent) {
        match event {
            // It is sent once.
            DeliveryEvent::Sent { .. } => {}
            DeliveryEvent::SignedFor { by, at } => {
                self.state = DeliveryState::SignedFor;
                self.signed_for = Some(SignedFor { by: by.clone(), at: *at });
            }
            DeliveryEvent::Returned { reason, .. } => {
                self.state = DeliveryState::Returned;
                self.reason = Some(reason.clone());
            }
            DeliveryEvent::Registered { case, number, .. } => {
                self.state = DeliveryState::Registered;
                self.registered = Some(*case);
                self.own_number.clone_from(number);
            }
            DeliveryEvent::Withdrawn { reason, .. } => {
                self.state = DeliveryState::Withdrawn;
                self.reason = Some(reason.clone());
            }
            DeliveryEvent::Urged { .. } => self.urged += 1,
        }
    }

    fn receives(&self, directory: &Directory, actor: &Seat) -> bool {
        directory
            .units
            .get(&self.to)
            .is_some_and(|unit| unit.registry.as_ref() == Some(&actor.post))
    }

    fn sends(&self, directory: &Directory, actor: &Seat) -> bool {
        let registry = directory.units.get(&self.from).and_then(|unit| unit.registry.as_ref());
        registry == Some(&actor.post)
            || self.senders.iter().any(|sender| sender.person.is_some() && sender.admits(actor))
    }
}

/// Says what `command` makes of a delivery, without storing it.
pub fn decide_delivery(
    delivery: &Delivery,
    command: DeliveryCommand,
    actor: &Seat,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Result<Vec<DeliveryEvent>, DeliveryRejection> {
    match &command {
        DeliveryCommand::SignFor
        | DeliveryCommand::Return { .. }
        | DeliveryCommand::Register { .. } => {
            if !delivery.receives(directory, actor) {
                return Err(DeliveryRejection::NotYourRegistry { to: delivery.to_name.clone() });
            }
        }
        DeliveryCommand::Withdraw { .. } | DeliveryCommand::Urge { .. } => {
            if !delivery.sends(directory, actor) {
                return Err(DeliveryRejection::NotTheSender { from: delivery.from_name.clone() });
            }
        }
    }
    let signed = match delivery.state {
        DeliveryState::Sent => false,
        DeliveryState::SignedFor => true,
        DeliveryState::Registered => return Err(DeliveryRejection::Registered),
        DeliveryState::Returned => return Err(DeliveryRejection::Returned),
        DeliveryState::Withdrawn => return Err(DeliveryRejection::Withdrawn),
    };
    let (by, at) = (actor.clone(), now);
    let event = match command {
        DeliveryCommand::SignFor if signed => return Err(DeliveryRejection::SignedForBefore),
        DeliveryCommand::SignFor => DeliveryEvent::SignedFor { by, at },
        DeliveryCommand::Return { reason } => {
            DeliveryEvent::Returned { by, reason: given(reason)?, at }
        }
        DeliveryCommand::Register { case, number } if signed => {
            DeliveryEvent::Registered { case, by, at, number }
        }
        DeliveryCommand::Register { .. } => {
            return Err(DeliveryRejection::NotSignedFor { to: delivery.to_name.clone() });
        }
        DeliveryCommand::Withdraw { .. } if signed => {
            return Err(DeliveryRejection::AlreadySignedFor { to: delivery.to_name.clone() });
        }
        DeliveryCommand::Withdraw { reason } => {
            DeliveryEvent::Withdrawn { by, reason: given(reason)?, at }
        }
        DeliveryCommand::Urge { text } => {
            DeliveryEvent::Urged { by, text: text.trim().to_owned(), at }
        }
    };
    Ok(vec![event])
}

fn given(reason: String) -> Result<String, DeliveryRejection> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(DeliveryRejection::NoReason);
    }
    Ok(reason.to_owned())
}
