//! What the workshop of the flow administrator looks at: versions of flows with their cases in flight, and open tasks
//! by whom they wait for.

use crate::{
    Storage,
    error::{Doing, Error},
    rows::{
        CaseState, OfferRow, RetiredRow, TaskRow, TaskState, Who, WorkflowRow,
        case::{case_file, task, task_offer},
        office::{retired, workflow},
    },
    table::{Cell, cell},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, Query},
};
use std::collections::BTreeMap;
use wenshu_core::id::{PersonId, PostId};

/// Conditions in one statement: databases bound them.
const AT_ONCE: usize = 200;

/// Cases in flight by flow and hash.
pub type InFlight = BTreeMap<(String, String), u64>;

impl Storage {
    /// The versions of one flow, the latest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn versions(&self, name: &str) -> Result<Vec<WorkflowRow>, Error> {
        let select = workflow::Entity::find()
            .filter(workflow::Column::Name.eq(name))
            .order_by_desc(workflow::Column::Seq)
            .order_by_desc(workflow::Column::DeployedAt);
        self.all(select.order_by_asc(workflow::Column::Hash), "listing versions of a flow").await
    }

    /// The flows that no new case may start.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn retired(&self) -> Result<BTreeMap<String, RetiredRow>, Error> {
        let rows: Vec<RetiredRow> =
            self.all(retired::Entity::find(), "listing retired flows").await?;
        Ok(rows.into_iter().map(|row| (row.name.clone(), row)).collect())
    }

    /// Whether a flow is retired.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn retirement(&self, name: &str) -> Result<Option<RetiredRow>, Error> {
        self.one(retired::Entity::find_by_id(name), "looking a retired flow up").await
    }

    /// How many cases are in flight by each version of each flow.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn in_flight(&self) -> Result<InFlight, Error> {
        let column = |column: case_file::Column| Expr::col((case_file::Entity, column));
        let mut select = Query::select();
        select
            .expr_as(column(case_file::Column::Workflow), "name")
            .expr_as(column(case_file::Column::WorkflowHash), "hash")
            .expr_as(Func::count(column(case_file::Column::Id)), "many")
            .from(case_file::Entity)
            .and_where(column(case_file::Column::EndedAt).is_null())
            .add_group_by([
                column(case_file::Column::Workflow),
                column(case_file::Column::WorkflowHash),
            ]);
        let mut all = InFlight::new();
        for row in self.query(&select, "counting cases in flight").await? {
            let name: String = row.try_get("", "name").doing("counting cases in flight")?;
            let hash: String = row.try_get("", "hash").doing("counting cases in flight")?;
            let many: i64 = row.try_get("", "many").doing("counting cases in flight")?;
            all.insert((name, hash), many.try_into().unwrap_or_default());
        }
        Ok(all)
    }

    /// How many cases stand still.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn stalled_cases(&self) -> Result<u64, Error> {
        let select = case_file::Entity::find()
            .filter(case_file::Column::State.eq(CaseState::Stalled.raw()))
            .filter(case_file::Column::Draft.eq(false));
        select.count(self.reading()).await.doing("counting stalled cases")
    }

    /// Everybody who holds an open task, in the post in which they do, once each.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn open_holders(&self) -> Result<Vec<(PersonId, PostId)>, Error> {
        let column = |column: task::Column| Expr::col((task::Entity, column));
        let mut select = Query::select();
        select
            .distinct()
            .expr_as(column(task::Column::HolderPerson), "person")
            .expr_as(column(task::Column::HolderPost), "post")
            .from(task::Entity)
            // As it stands in the index.
            .and_where(Expr::cust("state = 'open'"))
            .and_where(column(task::Column::HolderPerson).is_not_null());
        let mut all = vec![];
        for row in self.query(&select, "listing holders of open tasks").await? {
            let person: String = row.try_get("", "person").doing("listing holders")?;
            let post: Option<String> = row.try_get("", "post").doing("listing holders")?;
            all.push((PersonId(person), PostId(post.unwrap_or_default())));
        }
        Ok(all)
    }

    /// The posts to which open tasks are offered, once each.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn offered_posts(&self) -> Result<Vec<PostId>, Error> {
        let column = Expr::col((task_offer::Entity, task_offer::Column::Who));
        let mut select = Query::select();
        // The names of posts stand together in the key: from `post:` up to the sign behind the colon.
        select
            .distinct()
            .expr_as(column.clone(), "who")
            .from(task_offer::Entity)
            .and_where(column.clone().gte("post:"))
            .and_where(column.lt("post;"));
        let mut all = vec![];
        for row in self.query(&select, "listing posts with open tasks").await? {
            let who: String = row.try_get("", "who").doing("listing posts with open tasks")?;
            if let Who::Post(post) = cell::<Who>("task_offer", "who", who)? {
                all.push(post);
            }
        }
        Ok(all)
    }

    /// The open tasks of people in posts, the oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tasks_held(
        &self,
        seats: &[(PersonId, PostId)],
        limit: usize,
    ) -> Result<Vec<TaskRow>, Error> {
        let mut all: Vec<TaskRow> = vec![];
        for some in seats.chunks(AT_ONCE) {
            let mut any = Condition::any();
            for (person, post) in some {
                let post = match post.as_str() {
                    "" => task::Column::HolderPost.is_null(),
                    post => task::Column::HolderPost.eq(post),
                };
                any = any.add(
                    Condition::all().add(task::Column::HolderPerson.eq(person.raw())).add(post),
                );
            }
            let select = task::Entity::find()
                .filter(task::Column::State.eq(TaskState::Open.raw()))
                .filter(any)
                .order_by_asc(task::Column::CameAt)
                .limit(limit as u64);
            all.extend(self.all::<TaskRow, _>(select, "listing tasks of those who left").await?);
        }
        all.sort_by_key(|task| (task.came_at, task.case, task.task));
        all.truncate(limit);
        Ok(all)
    }

    /// The open tasks that are offered to posts, the oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tasks_offered(
        &self,
        posts: &[PostId],
        limit: usize,
    ) -> Result<Vec<TaskRow>, Error> {
        let mut all: Vec<TaskRow> = vec![];
        for some in posts.chunks(AT_ONCE) {
            let whos = some.iter().map(|post| Who::Post(post.clone()).raw());
            let offers: Vec<OfferRow> = self
                .all(
                    task_offer::Entity::find()
                        .filter(task_offer::Column::Who.is_in(whos))
                        .limit(limit as u64),
                    "listing offers to vacant posts",
                )
                .await?;
            for some in offers.chunks(AT_ONCE) {
                let mut any = Condition::any();
                for offer in some {
                    any = any.add(
                        Condition::all()
                            .add(task::Column::Case.eq(offer.case.raw()))
                            .add(task::Column::Task.eq(offer.task.raw())),
                    );
                }
                let select = task::Entity::find().filter(any);
                all.extend(self.all::<TaskRow, _>(select, "listing tasks of vacant posts").await?);
            }
        }
        all.sort_by_key(|task| (task.came_at, task.case, task.task));
        all.dedup_by_key(|task| (task.case, task.task));
        all.truncate(limit);
        Ok(all)
    }
}
