//! What stands still, with the reason and the ways out. The ways out themselves are acts on the case.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::Asked,
    view::{Slice, StandstillPage, StandstillRow},
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wenshu_office::{Sought, StillKind};

/// What is looked for among what stands still.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SoughtStandstills {
    /// Words of the title, the flow, the step, the reason, or of who began it and where; all must be there.
    #[serde(default)]
    pub q: Option<String>,
    #[serde(default)]
    #[param(inline)]
    pub kind: Option<SoughtKind>,
    /// At most 200; 50 unless said.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The cursor that the page before gave as `next`.
    #[serde(default)]
    pub after: Option<String>,
}

/// Which standstills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SoughtKind {
    Nobody,
    Unheld,
    Effect,
    Other,
}

/// Stalled cases, and open tasks that are with nobody in office (role flow-admin). A page may be short and still have
/// a `next`: then more is to be looked through.
#[utoipa::path(get, path = "/api/v1/workshop/stalled", tag = "stalled", params(SoughtStandstills),
    responses((status = 200, body = StandstillPage), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(asked): Asked<SoughtStandstills>,
) -> Result<Json<StandstillPage>, ApiError> {
    let SoughtStandstills { q, kind, limit, after } = asked;
    let sought = Sought {
        words: q.filter(|words| !words.trim().is_empty()),
        kind: kind.map(|kind| match kind {
            SoughtKind::Nobody => StillKind::Nobody,
            SoughtKind::Unheld => StillKind::Unheld,
            SoughtKind::Effect => StillKind::Effect,
            SoughtKind::Other => StillKind::Other,
        }),
    };
    let slice = Slice { limit, after };
    let found = app.office.standstills(&actor.seat, &sought, &slice.into()).await?;
    Ok(Json(StandstillPage {
        items: found.items.into_iter().map(StandstillRow::from).collect(),
        next: found.next,
        stalled: found.stalled,
        unheld: found.unheld,
    }))
}
