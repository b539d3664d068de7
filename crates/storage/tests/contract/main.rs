//! What storage promises, held against both databases. `WENSHU_TEST_POSTGRES` is the URL of a PostgreSQL to test on, each
//! test in a schema of its own; with `WENSHU_TEST_REQUIRE_POSTGRES=1` its absence fails.

mod acts;
mod chain;
mod desk;
mod lists;
mod opening;
mod work;

use desk::{Desk, desk_on_postgres, desk_on_sqlite};

macro_rules! on_both {
    ($($module:ident: $($name:ident)*;)*) => {
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                crate::$module::$name(crate::desk_on_sqlite().await).await;
            })*)*
        }
        mod postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                if let Some(desk) = crate::desk_on_postgres().await {
                    crate::$module::$name(desk).await;
                }
            })*)*
        }
    };
}

on_both! {
    chain: every_tampering_is_named verifying_amid_acts_finds_nothing_wrong an_anchor_names_what_the_chain_cannot anchors_list_what_moved_and_are_made_once;
    acts: of_sixteen_on_one_guard_one_wins a_stream_is_begun_once an_overtaken_act_leaves_nothing an_expected_stream_guards
        many_acts_at_once_are_all_kept a_known_key_gets_its_answer a_broken_act_breaks_no_other rows_are_put_kept_and_removed
        numbers_have_no_gaps_and_no_doubles a_wanted_number_is_given_once a_rejection_gives_numbers_back an_act_with_a_number_is_guarded;
    lists: worklists_hold_what_lies_with_their_viewer pages_join_up_whatever_happens_between counts_are_what_the_lists_hold
        only_those_with_access_find_it words_are_found_in_chinese projections_are_emptied notices_and_deliveries_are_paged;
    work: a_job_is_claimed_once_at_a_time a_lease_runs_out_and_a_late_worker_is_told failures_wait_longer_and_end messages_are_unique_per_person_and_channel
        an_answer_after_the_lease_writes_nothing a_lease_is_renewed_while_it_lasts_and_never_after
        a_part_of_a_job_is_written_while_the_lease_lasts what_waits_is_counted_and_timed;
    opening: migrating_again_does_nothing flows_deployed_before_an_upgrade_are_still_read a_newer_database_is_refused what_changed_is_told;
}

type Told<R> = Result<wenshu_storage::Committed, wenshu_storage::Refused<R>>;

/// Nothing in these acts rejects.
pub type Never = std::convert::Infallible;

pub fn moved(told: &Told<Never>) -> bool {
    matches!(told, Err(wenshu_storage::Refused::Moved))
}

pub async fn kept(desk: &Desk, writes: wenshu_storage::Writes) -> wenshu_storage::Committed {
    desk.storage.commit::<Never>(writes).await.expect("the act is kept")
}
