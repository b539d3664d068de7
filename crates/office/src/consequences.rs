//! What an act on a case means for its document and its deliveries: 签发, 定稿, 编号, 套红, 用印, 分发, 归档.
//! Pure. The core said what happened; here it becomes the document's own events, and the rules of form are asked
//! at the moments they name, before anything is stored.

use crate::{
    paper,
    signing::{by_initiator_at, signing_steps},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;
use wenshu_core::{
    Case, Rejection, Workflow,
    command::Actor,
    directory::Directory,
    directory::Seat,
    event::{Event, Opinion, Said},
    id::{AskId, CaseId, DeliveryId, SealId, UnitId, VisitId},
};
use wenshu_document::{
    Body, DeliveryEvent, Document, DocumentEvent, Metadata, Moment, Number, Revision,
    event::{BodyRef, Sent},
    number::official_date,
    rules,
};

/// What a job made, to be told to the document together with its answer.
#[derive(Clone, Debug)]
pub(crate) enum Made {
    Rendered { version: u32, pdf: String, pages: u32, substitutions: Vec<String> },
    Sealed { seal: SealId, seal_name: String, keeper: Seat, pdf: String },
    Archived { manifest: String },
}

/// All that the consequences may look at.
pub(crate) struct Scene<'a> {
    pub workflow: &'a Workflow,
    pub directory: &'a Directory,
    pub actor: &'a Actor,
    pub now: DateTime<Utc>,
    /// The handed-over changes of text and fields.
    pub revision: Option<&'a Revision>,
    /// The text as it is after the act.
    pub body: Option<&'a Body>,
    pub made: Option<&'a Made>,
    /// The number that was allotted in this act, and its series.
    pub number: Option<&'a (Number, String)>,
    /// Questions open before the act.
    pub asked: &'a BTreeMap<AskId, String>,
}

/// The document's events and the deliveries sent.
#[derive(Debug, Default)]
pub(crate) struct Consequences {
    pub document: Vec<DocumentEvent>,
    pub sent: Vec<(DeliveryId, DeliveryEvent)>,
}

/// Works out what `events` of `case` mean for `document`, which is changed along.
pub(crate) fn consequences(
    scene: &Scene<'_>,
    case: &Case,
    events: &[Event],
    document: &mut Document,
) -> Result<Consequences, Rejection> {
    let mut run =
        Run { scene, case, document, asked: scene.asked.clone(), out: Consequences::default() };
    // The text is handed over first: what is signed is the new version.
    for event in events {
        if let Event::DocumentChanged { version, by, .. } = event {
            run.changed(*version, by);
        }
    }
    for event in events {
        run.take(event)?;
    }
    Ok(run.out)
}

struct Run<'a> {
    scene: &'a Scene<'a>,
    case: &'a Case,
    document: &'a mut Document,
    asked: BTreeMap<AskId, String>,
    out: Consequences,
}

impl Run<'_> {
    fn emit(&mut self, event: DocumentEvent) {
        self.document.apply(&event);
        self.out.document.push(event);
    }

    fn changed(&mut self, version: u32, by: &Seat) {
        let Some(revision) = self.scene.revision else { return };
        let body = match &revision.body {
            Some(body) => BodyRef::from(body),
            None => BodyRef {
                hash: self.document.body_hash.clone(),
                characters: self.document.characters,
            },
        };
        self.emit(DocumentEvent::Changed {
            version,
            metadata: Box::new(revision.metadata.clone()),
            body,
            fields: revision.fields.clone(),
            by: by.clone(),
            at: self.scene.now,
        });
    }

    fn take(&mut self, event: &Event) -> Result<(), Rejection> {
        match event {
            Event::OpinionGiven { task, opinion } => {
                if let Some(task) = self.case.tasks.get(task) {
                    self.opinion(&task.step.clone(), opinion)?;
                }
            }
            Event::Asked { ask, effect, .. } => {
                self.asked.insert(*ask, effect.clone());
            }
            Event::Answered { ask, .. } => {
                if let Some(effect) = self.asked.remove(ask) {
                    self.answered(&effect)?;
                }
            }
            Event::EffectRecorded { effect, again: false, .. } => match effect.as_str() {
                "finalise" => {
                    let (version, by) = (self.document.version, self.by());
                    self.emit(DocumentEvent::Finalised { version, by, at: self.scene.now });
                }
                "dispatch" => self.dispatch()?,
                _ => {}
            },
            Event::EffectRecorded { again: true, .. }
            | Event::CaseStarted { .. }
            | Event::Renamed { .. }
            | Event::AskGivenUp { .. }
            | Event::EffectsBegun { .. }
            | Event::Moved { .. }
            | Event::BranchesOpened { .. }
            | Event::StepEntered { .. }
            | Event::StepLeft { .. }
            | Event::StepPassed { .. }
            | Event::Chose { .. }
            | Event::TaskOpened { .. }
            | Event::TaskClaimed { .. }
            | Event::TaskReleased { .. }
            | Event::TaskSeen { .. }
            | Event::TaskClosed { .. }
            | Event::TaskReopened { .. }
            | Event::FormChanged { .. }
            | Event::DocumentChanged { .. }
            | Event::Picked { .. }
            | Event::SentBack { .. }
            | Event::Copied { .. }
            | Event::Urged { .. }
            | Event::Linked { .. }
            | Event::OpinionsOutdated { .. }
            | Event::Stalled { .. }
            | Event::Retried { .. }
            | Event::Appointed { .. }
            | Event::Reassigned { .. }
            | Event::Withdrawn { .. }
            | Event::CaseEnded { .. } => {}
        }
        Ok(())
    }

    fn opinion(
        &mut self,
        step: &wenshu_core::id::StepId,
        opinion: &Opinion,
    ) -> Result<(), Rejection> {
        match &opinion.said {
            Said::Approved | Said::Submitted => {}
            Said::Refused | Said::SentBack { .. } | Said::Transferred { .. } | Said::Noted => {
                return Ok(());
            }
        }
        if signing_steps(self.scene.workflow).contains(step) {
            self.check(Moment::Sign)?;
            let signer =
                opinion.by.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
            let (by, at) = (opinion.by.clone(), opinion.at);
            self.emit(DocumentEvent::Signed { by, signer, written_on: official_date(at), at });
        } else if by_initiator_at(self.scene.workflow, step) && self.document.received.is_none() {
            self.check(Moment::Submit)?;
        }
        Ok(())
    }

    fn answered(&mut self, effect: &str) -> Result<(), Rejection> {
        let at = self.scene.now;
        match (effect, self.scene.made) {
            ("number", _) => {
                let Some((number, series)) = self.scene.number.cloned() else { return Ok(()) };
                self.check(Moment::Number)?;
                let by = self.by();
                self.emit(DocumentEvent::Numbered { number, series, by, at });
            }
            ("red_head", Some(Made::Rendered { version, pdf, pages, substitutions })) => {
                self.emit(DocumentEvent::Rendered {
                    version: *version,
                    pdf: pdf.clone(),
                    pages: *pages,
                    substitutions: substitutions.clone(),
                    at,
                });
            }
            ("seal", Some(Made::Sealed { seal, seal_name, keeper, pdf })) => {
                self.emit(DocumentEvent::Sealed {
                    seal: seal.clone(),
                    seal_name: seal_name.clone(),
                    keeper: keeper.clone(),
                    pdf: pdf.clone(),
                    at,
                });
            }
            ("archive", Some(Made::Archived { manifest })) => {
                self.emit(DocumentEvent::Archived { manifest: manifest.clone(), at });
            }
            _ => {}
        }
        Ok(())
    }

    /// One delivery for each recipient, in the sender's own commit.
    fn dispatch(&mut self) -> Result<(), Rejection> {
        self.check(Moment::Dispatch)?;
        let metadata = self.document.metadata.clone();
        let directory = self.scene.directory;
        let (now, by) = (self.scene.now, self.by());
        let mut to: Vec<Sent> = vec![];
        for (unit, cc) in recipients(&metadata) {
            // The rules have let only known units with a registry pass (U-01, U-02, U-04, U-05).
            let Some(known) = directory.units.get(unit) else {
                return Err(Rejection::NoSuchUnit { unit: unit.to_string() });
            };
            if to.iter().any(|sent| sent.unit == *unit) {
                continue;
            }
            let delivery = delivery_id(self.case.id, unit);
            to.push(Sent { delivery, unit: unit.clone(), unit_name: known.short.clone(), cc });
        }
        let mut senders = vec![self.document.drafted_by.clone()];
        senders.extend(by.clone().filter(|seat| !senders.contains(seat)));
        let from_name = directory
            .units
            .get(&metadata.organ)
            .map_or_else(String::new, |unit| unit.short.clone());
        for sent in &to {
            let event = DeliveryEvent::Sent {
                document: self.document.id,
                case: self.case.id,
                from: metadata.organ.clone(),
                from_name: from_name.clone(),
                to: sent.unit.clone(),
                to_name: sent.unit_name.clone(),
                cc: sent.cc,
                senders: senders.clone(),
                at: now,
            };
            self.out.sent.push((sent.delivery, event));
        }
        let printed_by = match metadata.printed_by.as_str() {
            "" => paper::printed_by(directory, &metadata),
            given => given.to_owned(),
        };
        let printed_on = metadata.printed_on.unwrap_or_else(|| official_date(now));
        self.emit(DocumentEvent::Dispatched { to, printed_by, printed_on, by, at: now });
        Ok(())
    }

    fn check(&self, moment: Moment) -> Result<(), Rejection> {
        let empty = Body::default();
        let body = self.scene.body.unwrap_or(&empty);
        let findings = rules::check(self.document, body, self.scene.directory, moment);
        match findings.into_iter().find(|finding| finding.level == rules::Level::Block) {
            Some(finding) => Err(refused(&finding)),
            None => Ok(()),
        }
    }

    fn by(&self) -> Option<Seat> {
        self.scene.actor.seat().cloned()
    }
}

/// A rule's refusal in the words of the catalogue.
pub(crate) fn refused(finding: &rules::Finding) -> Rejection {
    Rejection::Rule {
        rule: finding.rule.to_string(),
        text: finding.text.clone(),
        next: "请更正后再办理。".to_owned(),
    }
}

/// Everybody that it is sent to, main recipients first; true for 抄送.
fn recipients(metadata: &Metadata) -> impl Iterator<Item = (&UnitId, bool)> {
    metadata
        .recipients
        .iter()
        .map(|unit| (unit, false))
        .chain(metadata.cc.iter().map(|unit| (unit, true)))
}

/// A document is dispatched once, so case and unit name the delivery.
#[must_use]
pub(crate) fn delivery_id(case: CaseId, unit: &UnitId) -> DeliveryId {
    DeliveryId(Uuid::new_v5(&case.0, format!("delivery/{unit}").as_bytes()))
}

/// Whoever approved last at this visit: the keeper who applied the seal.
#[must_use]
pub(crate) fn approver(case: &Case, visit: VisitId) -> Option<Seat> {
    let tasks = &case.visits.get(&visit)?.tasks;
    let given = case
        .opinions
        .iter()
        .rev()
        .find(|(task, opinion)| tasks.contains(task) && opinion.said.outcome().is_some());
    given.map(|(_, opinion)| opinion.by.clone())
}
