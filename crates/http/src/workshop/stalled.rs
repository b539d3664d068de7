//! What stands still, with the reason and the ways out. The ways out themselves are acts on the case.

use crate::{
    actor::Actor,
    app::App,
    error::{ApiError, Reading},
    extract::Asked,
    view::{Slice, StandstillPage, StandstillRow},
};
use axum::{Json, extract::State};

/// Stalled cases, and open tasks that are with nobody in office (role flow-admin).
#[utoipa::path(get, path = "/api/v1/workshop/stalled", tag = "stalled", params(Slice),
    responses((status = 200, body = StandstillPage), Reading))]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Asked(slice): Asked<Slice>,
) -> Result<Json<StandstillPage>, ApiError> {
    let found = app.office.standstills(&actor.seat, &slice.into()).await?;
    Ok(Json(StandstillPage {
        items: found.items.into_iter().map(StandstillRow::from).collect(),
        next: found.next,
        stalled: found.stalled,
        unheld: found.unheld,
    }))
}
