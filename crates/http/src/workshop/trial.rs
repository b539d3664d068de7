//! Testing and trying a file that need not be deployed. Nothing is stored.

use crate::{
    actor::Actor,
    acts::{self, Act, Chosen},
    app::App,
    directory::{self, Directory},
    error::{ApiError, Reading, Writing},
    extract::Body,
    flow_check,
    view::{
        self, Entry, FactsView, Field, FlowProblem, FlowTest, FlowTests, Offer, Seat, StallView,
        TrialNotice, TrialOffers, TrialRefusal, TrialView,
    },
    workflows::FlowSource,
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use wenshu_core::{
    compile::Problem, draw::picture, play::line, trial, value::Facts, workflow::Carrier,
};
use wenshu_office::{Error, Outlook, Tested};

/// A file to be played, with everything that was done so far.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trying {
    pub source: String,
    /// Who starts it.
    pub by: Chosen,
    /// When.
    pub at: DateTime<Utc>,
    /// Fields of the document or of the form.
    #[serde(default)]
    pub fields: FactsView,
    /// In order, at most 200.
    #[serde(default)]
    pub acts: Vec<TryAct>,
    /// `today` unless said.
    #[serde(default)]
    pub office: TrialOffice,
}

/// Whose people play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialOffice {
    /// The directory as it stands.
    #[default]
    Today,
    /// The sample office in which tests are played.
    Sample,
}

/// A trial in the sample office, to be kept as a test.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepingTrial {
    /// What the test is called.
    pub name: String,
    pub trial: Trying,
}

/// What somebody does, and when.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryAct {
    pub by: Chosen,
    /// Not before the act before; that one's time unless said.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
    /// As for a case; tasks are named as the answer before named them.
    pub act: Act,
}

/// Play the tests of a file in the sample office (role flow-admin).
#[utoipa::path(post, path = "/api/v1/workflows/test", tag = "workflows", request_body = FlowSource,
    responses((status = 200, body = FlowTests), Writing))]
pub async fn test(
    State(app): State<App>,
    actor: Actor,
    Body(FlowSource { source }): Body<FlowSource>,
) -> Result<Json<FlowTests>, ApiError> {
    let played = app.office.test_flow(&actor.seat, source.clone(), flow_check::sample_office());
    Ok(Json(match played.await {
        Err(Error::Problems(problems)) => {
            FlowTests { problems: shown(problems), tests: vec![], left: 0 }
        }
        Err(error) => return Err(error.into()),
        Ok(played) => FlowTests {
            problems: vec![],
            tests: played.tests.iter().map(|test| tested(test, &source)).collect(),
            left: played.left,
        },
    }))
}

fn shown(problems: Vec<Problem>) -> Vec<FlowProblem> {
    problems.into_iter().map(FlowProblem::from).collect()
}

fn tested(test: &Tested, source: &str) -> FlowTest {
    let trouble = test.trouble.as_ref();
    let line = trouble.map_or(test.line, |trouble| trouble.line);
    let (from, to) = place(source, line);
    let items = |text: &str| line::items(text);
    FlowTest {
        name: test.name.clone(),
        ok: trouble.is_none(),
        line,
        from,
        to,
        text: trouble.map(|trouble| trouble.text.clone()),
        expected: trouble
            .and_then(|trouble| line::read(&trouble.text).ok()?.expected)
            .unwrap_or_default(),
        open: trouble.map(|trouble| items(&trouble.open)).unwrap_or_default(),
        trouble: trouble.map(|trouble| trouble.message.clone()),
    }
}

/// What is written on a line (from 1), in UTF-16 offsets.
fn place(source: &str, line: usize) -> (usize, usize) {
    let mut before = 0;
    for (index, text) in source.split_inclusive('\n').enumerate() {
        let wide = |text: &str| text.encode_utf16().count();
        if index + 1 == line {
            let bare = text.trim_end();
            let indent = wide(bare) - wide(bare.trim_start());
            return (before + indent, before + wide(bare));
        }
        before += wide(text);
    }
    (before, before)
}

/// Play a file as anybody, at any time, in the directory as it stands; nothing is stored (role flow-admin).
#[utoipa::path(post, path = "/api/v1/workflows/try", tag = "workflows", request_body = Trying,
    responses((status = 200, body = view::Trial), Writing))]
pub async fn play(
    State(app): State<App>,
    actor: Actor,
    Body(trying): Body<Trying>,
) -> Result<Json<view::Trial>, ApiError> {
    let sample = match trying.office {
        TrialOffice::Today => None,
        TrialOffice::Sample => Some(flow_check::sample_office()),
    };
    let (source, trial) = read(trying);
    Ok(Json(match app.office.try_flow(&actor.seat, source.clone(), trial, sample).await {
        Err(Error::Problems(problems)) => view::Trial { problems: shown(problems), played: None },
        Err(error) => return Err(error.into()),
        Ok(outlook) => {
            view::Trial { problems: vec![], played: Some(outcome(&app, outlook, &source)) }
        }
    }))
}

fn read(trying: Trying) -> (String, trial::Trial) {
    let Trying { source, by, at, fields, acts, office: _ } = trying;
    let mut last = at;
    let mut played = vec![];
    for TryAct { by, at, act } in acts {
        last = at.unwrap_or(last);
        let (command, _) = acts::command(act);
        played.push(trial::TrialAct { by: by.into(), at: last, command });
    }
    (source, trial::Trial { by: by.into(), at, fields: fields.0, acts: played })
}

/// Write a trial in the sample office into the file as its last test, and play it (role flow-admin). What the language
/// of tests cannot say is refused. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/workflows/transcript", tag = "workflows", request_body = KeepingTrial,
    responses((status = 200, body = view::KeptTrial), Writing))]
pub async fn keep(
    State(app): State<App>,
    actor: Actor,
    Body(KeepingTrial { name, trial }): Body<KeepingTrial>,
) -> Result<Json<view::KeptTrial>, ApiError> {
    match trial.office {
        TrialOffice::Sample => {}
        TrialOffice::Today => {
            let detail = "测试只在样例机关中运行。请在样例机关中重新试走，再保存为测试。";
            return Err(ApiError::invalid("office", detail));
        }
    }
    let (source, trial) = read(trial);
    let sample = flow_check::sample_office();
    let kept = app.office.keep_trial(&actor.seat, source, &name, trial, sample).await?;
    Ok(Json(view::KeptTrial { test: tested(&kept.test, &kept.source), source: kept.source }))
}

/// The people and units of the sample office, as pickers want them (roles flow-admin, audit-admin).
#[utoipa::path(get, path = "/api/v1/workshop/sample", tag = "workflows",
    responses((status = 200, body = Directory), Reading))]
pub async fn sample(State(app): State<App>, actor: Actor) -> Result<Json<Directory>, ApiError> {
    app.office.require_workshop(&actor.seat).await?;
    Ok(Json(directory::view(flow_check::sample_office())))
}

fn outcome(app: &App, outlook: Outlook, source: &str) -> TrialView {
    let Outlook { file, initiator, now, offers, notices, refused } = outlook;
    let words = app.office.vocabulary();
    let fields = view::fields(&file.workflow, words);
    let seat = |seat: &wenshu_core::directory::Seat| Seat::from(seat);
    // Nobody's page: no task is called one's own.
    let reader = wenshu_core::directory::Seat::from(wenshu_core::directory::Sitting {
        post: "".into(),
        title: String::new(),
        unit: "".into(),
        unit_name: String::new(),
        person: None,
    });
    let (form, values) = match &file.workflow.carries {
        Carrier::Form(fields) => (fields.iter().map(Field::from).collect(), file.case.form.clone()),
        Carrier::Document => (vec![], Facts::new()),
    };
    TrialView {
        title: file.case.title.clone(),
        state: view::state(&file.case),
        now,
        initiator: initiator.as_ref().map(seat),
        whereabouts: file.case.whereabouts(),
        stalls: file.case.stalls.iter().map(StallView::from).collect(),
        tasks: view::tasks(&file, &reader, app.office.calendar(), now),
        offers: offers
            .iter()
            .map(|(who, offers)| TrialOffers {
                seat: Seat::from(who),
                offers: offers.iter().map(Offer::from).collect(),
            })
            .collect(),
        timeline: file.timeline.iter().map(|entry| Entry::new(entry, fields)).collect(),
        notices: notices
            .iter()
            .map(|notice| TrialNotice { to: Seat::from(&notice.to), text: notice.text.clone() })
            .collect(),
        steps: view::steps(&file),
        picture: view::Picture::beside(picture(&file.workflow, words), source),
        fields: form,
        values: FactsView(values),
        refused: refused.map(|(act, rejection)| TrialRefusal {
            act,
            code: rejection.code().to_owned(),
            detail: rejection.detail(),
        }),
    }
}
