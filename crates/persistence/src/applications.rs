//! Applications and their answers: rows and reads.

mod filter;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeZone, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};
use serde::{Deserialize, Serialize};
use stoa_domain::Timestamp;
use stoa_domain::application::{Alert, Application, Assessed, Entered, Resolution, State};
use stoa_domain::change::{Activity, Change};
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::program::Program;

use crate::activities;
use crate::cells::{Cells, Row};
use crate::entity::answers;
use crate::entity::applications::{ActiveModel, Column, Entity, Model};
use crate::near::Pointers;
use crate::page::{Cursor, Key, Keyset, Page, Slice};
use crate::picked::{Picked, PickedRow};
use crate::resolutions;
use crate::rollups;
use crate::row::{json, name, named, read};
use crate::statements::Asked;
use crate::{Beside, Near, Record, StoreError, View, Writing, visibility};

pub use filter::ApplicationFilter;

const TABLE: &str = "applications";
const POINTERS: Pointers<Column> = Pointers {
    program: Some(Column::ProgramId),
    organization: Some(Column::OrganizationId),
    applicant: Some(Column::ApplicantId),
    assignee: Some(Column::AssigneeId),
};

/// Applications that come with their first steps done, such as imported ones that were evaluated.
#[derive(Clone, Debug)]
pub struct NewApplications(pub Vec<NewApplication>);

/// One of them.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// As it stands after these steps.
    pub application: Application,
    /// The line of each step.
    pub activities: Vec<Activity>,
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationOrder {
    /// The promise that is due first; paused ones last.
    DueFirst,
    /// The newest draft first.
    NewestFirst,
    /// The oldest draft first.
    OldestFirst,
}

/// The part of an application that lists never filter or order by.
#[derive(Serialize, Deserialize)]
struct Detail {
    state: State,
    history: Vec<Entered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assessed: Option<Assessed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_back: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<Alert>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolution: Option<Resolution>,
}

impl ApplicationOrder {
    fn keyset(self) -> Keyset<Column> {
        let (name, time, descending) = match self {
            Self::DueFirst => ("due-first", Some(Column::QueueAt), false),
            Self::NewestFirst => ("newest-first", None, true),
            Self::OldestFirst => ("oldest-first", None, false),
        };
        Keyset {
            name,
            time,
            key: vec![Column::Id],
            descending,
        }
    }

    fn cursor(self, row: &Model) -> Cursor {
        let at = (self == Self::DueFirst).then_some(row.queue_at);
        self.keyset().cursor(at, Key::Id(row.id))
    }
}

impl View {
    /// The application with this id.
    pub async fn application(
        &self,
        id: Id<Application>,
    ) -> Result<Option<Application>, StoreError> {
        let asked = Asked {
            table: TABLE,
            actor: self.actor.clone(),
            picked: None,
            others: None,
        };
        let backend = self.db().get_database_backend();
        let statement = self.store.statements.about(id.uuid(), asked, |id| {
            Ok(backend.build(&self.this(Id::new(id)).into_query()))
        })?;
        let Some(row) = self.db().query_one_raw(statement).await? else {
            return Ok(None);
        };
        Ok(Some(from_row(Row::read(&mut Cells::new(&row))?)?))
    }

    /// Those of these applications that are visible, in no order.
    pub async fn applications_by_id(
        &self,
        ids: &[Id<Application>],
    ) -> Result<Vec<Application>, StoreError> {
        let these = visibility::applications(&self.actor)
            .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
        let rows = self.rows(these).await?;
        rows.into_iter().map(from_row).collect()
    }

    /// Those of these external ids that applications to the program have.
    pub async fn known_external_ids(
        &self,
        program: Id<Program>,
        external_ids: &[&str],
    ) -> Result<HashSet<String>, StoreError> {
        let found: Vec<Option<String>> = visibility::applications(&self.actor)
            .select_only()
            .column(Column::ExternalId)
            .filter(Column::ProgramId.eq(program.uuid()))
            .filter(Column::ExternalId.is_in(external_ids.iter().copied()))
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The application with this id, and what is wanted of what it points at.
    pub async fn application_with(
        &self,
        id: Id<Application>,
        beside: Beside,
    ) -> Result<Option<(Application, Near)>, StoreError> {
        let found = self
            .with_near(self.this(id), None, POINTERS, beside)
            .await?
            .pop();
        found
            .map(|(row, near)| Ok((from_row(row)?, near)))
            .transpose()
    }

    fn this(&self, id: Id<Application>) -> Select<Entity> {
        visibility::applications(&self.actor).filter(Column::Id.eq(id.uuid()))
    }

    /// The picked columns of the application with this id.
    pub async fn picked_application(
        &self,
        id: Id<Application>,
        picked: &Picked,
    ) -> Result<Option<PickedRow>, StoreError> {
        let asked = Asked {
            table: TABLE,
            actor: self.actor.clone(),
            picked: Some(picked.clone()),
            others: None,
        };
        let statement = self.store.statements.about(id.uuid(), asked, |id| {
            Ok(self.picking(self.this(Id::new(id)), POINTERS, picked))
        })?;
        self.picked(statement).await
    }

    /// The same, and the picked columns of a page of its lines in the log, newest first.
    pub async fn picked_application_and_lines(
        &self,
        id: Id<Application>,
        picked: &Picked,
        page: &Page,
        lines: &Picked,
    ) -> Result<Option<(PickedRow, Slice<PickedRow>)>, StoreError> {
        let order = activities::order(true);
        let asked = Asked {
            table: TABLE,
            actor: self.actor.clone(),
            picked: Some(picked.clone()),
            others: Some((lines.clone(), page.clone())),
        };
        let statement = self.store.statements.about(id.uuid(), asked, |id| {
            let id = Id::new(id);
            let of_it = (self.lines_beside(id), &order, page);
            self.picking_with_page(self.this(id), POINTERS, picked, of_it, lines)
        })?;
        self.picked_with_page(statement, picked.len(), &order, page)
            .await
    }

    /// The application with this id and its answers, in one statement; none given yet are empty.
    pub async fn application_and_answers(
        &self,
        id: Id<Application>,
    ) -> Result<Option<(Application, Answers)>, StoreError> {
        let given = Expr::col((answers::Entity, answers::Column::ApplicationId));
        let mut query = self.this(id).into_query();
        query
            .left_join(answers::Entity, given.equals((Entity, Column::Id)))
            .column((answers::Entity, answers::Column::Body));
        let Some(row) = self.db().query_one(&query).await? else {
            return Ok(None);
        };
        let mut cells = Cells::new(&row);
        let application = from_row(Row::read(&mut cells)?)?;
        let body: Option<String> = cells.next()?;
        let given = body.map(|body| read("answers", id, &body)).transpose()?;
        Ok(Some((application, given.unwrap_or_default())))
    }

    /// A page of applications.
    pub async fn applications(
        &self,
        filter: &ApplicationFilter,
        order: ApplicationOrder,
        page: &Page,
    ) -> Result<Slice<Application>, StoreError> {
        let nothing = Beside::default();
        let slice = self.applications_with(filter, order, page, nothing).await?;
        Ok(slice.map(|(application, _)| application))
    }

    /// A page of applications, and what is wanted of what they point at.
    pub async fn applications_with(
        &self,
        filter: &ApplicationFilter,
        order: ApplicationOrder,
        page: &Page,
        beside: Beside,
    ) -> Result<Slice<(Application, Near)>, StoreError> {
        let (select, keyset) = (self.filtered(filter), order.keyset());
        let place = Some((&keyset, page));
        let rows = self.with_near(select, place, POINTERS, beside).await?;
        let items = rows.into_iter();
        let items = items.map(|(row, near)| Ok((order.cursor(&row), (from_row(row)?, near))));
        Ok(page.slice(items.collect::<Result<_, StoreError>>()?))
    }

    /// The picked columns of a page of applications.
    pub async fn picked_applications(
        &self,
        filter: &ApplicationFilter,
        order: ApplicationOrder,
        page: &Page,
        picked: &Picked,
    ) -> Result<Slice<PickedRow>, StoreError> {
        let (select, keyset) = (self.filtered(filter), order.keyset());
        self.picked_page(select, &keyset, page, POINTERS, picked)
            .await
    }

    /// How many applications the filter lets through.
    pub async fn application_count(&self, filter: &ApplicationFilter) -> Result<u64, StoreError> {
        Ok(self.filtered(filter).count(self.db()).await?)
    }

    /// Whether the filter lets this application through.
    pub async fn application_fits(
        &self,
        id: Id<Application>,
        filter: &ApplicationFilter,
    ) -> Result<bool, StoreError> {
        let it = self.filtered(filter).filter(Column::Id.eq(id.uuid()));
        Ok(it.count(self.db()).await? > 0)
    }

    /// Ids of applications that the service is to look at by `now`, longest overdue first.
    pub async fn awake(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Id<Application>>, StoreError> {
        let ids: Vec<uuid::Uuid> = visibility::applications(&self.actor)
            .select_only()
            .column(Column::Id)
            .filter(Column::WakeAt.lte(now))
            .order_by_asc(Column::WakeAt)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        Ok(ids.into_iter().map(Id::new).collect())
    }

    /// How many applications the service is to look at by `now`, and since when the first waits.
    pub async fn overdue(&self, now: Timestamp) -> Result<(u64, Option<Timestamp>), StoreError> {
        let due = visibility::applications(&self.actor).filter(Column::WakeAt.lte(now));
        let first: Option<Option<Timestamp>> = due
            .clone()
            .select_only()
            .column_as(Column::WakeAt.min(), "first")
            .into_tuple()
            .one(self.db())
            .await?;
        Ok((due.count(self.db()).await?, first.flatten()))
    }

    /// Answers of those of these applications that are visible.
    pub async fn answers_by_application(
        &self,
        ids: &[Id<Application>],
    ) -> Result<Vec<(Id<Application>, Answers)>, StoreError> {
        visibility::answers(&self.actor)
            .filter(answers::Column::ApplicationId.is_in(ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?
            .into_iter()
            .map(|row| {
                let id = Id::new(row.application_id);
                Ok((id, read("answers", id, &row.body)?))
            })
            .collect()
    }

    /// Answers of one application; none given yet are empty.
    pub async fn answers(&self, id: Id<Application>) -> Result<Answers, StoreError> {
        let mut found = self.answers_by_application(&[id]).await?;
        Ok(found.pop().map(|(_, answers)| answers).unwrap_or_default())
    }
}

pub(crate) fn from_row(row: Model) -> Result<Application, StoreError> {
    let detail: Detail = read(TABLE, row.id, &row.detail)?;
    Ok(Application {
        id: Id::new(row.id),
        version: row.version,
        program: Id::new(row.program_id),
        revision: Id::new(row.revision_id),
        kind: named(TABLE, row.id, &row.kind)?,
        organization: Id::new(row.organization_id),
        applicant: Id::new(row.applicant_id),
        external_id: row.external_id,
        assignee: row.assignee_id.map(Id::new),
        state: detail.state,
        history: detail.history,
        assessed: detail.assessed,
        sent_back: detail.sent_back,
        submitted_at: row.submitted_at,
        due_at: row.due_at,
        deadline_at: row.deadline_at,
        warned_at: row.warned_at,
        wake_at: row.wake_at,
        alerts: detail.alerts,
        manual_steps: row.manual_steps,
        resolution: detail.resolution,
        created_at: row.created_at,
    })
}

fn to_row(application: &Application) -> Result<ActiveModel, StoreError> {
    let detail = Detail {
        state: application.state.clone(),
        history: application.history.clone(),
        assessed: application.assessed.clone(),
        sent_back: application.sent_back.clone(),
        alerts: application.alerts.clone(),
        resolution: application.resolution.clone(),
    };
    Ok(ActiveModel {
        id: Set(application.id.uuid()),
        version: Set(application.version),
        program_id: Set(application.program.uuid()),
        revision_id: Set(application.revision.uuid()),
        kind: Set(name(&application.kind)),
        organization_id: Set(application.organization.uuid()),
        applicant_id: Set(application.applicant.uuid()),
        external_id: Set(application.external_id.clone()),
        assignee_id: Set(application.assignee.map(Id::uuid)),
        status: Set(name(&application.status())),
        submitted_at: Set(application.submitted_at),
        due_at: Set(application.due_at),
        queue_at: Set(application.due_at.unwrap_or_else(never)),
        deadline_at: Set(application.deadline_at),
        warned_at: Set(application.warned_at),
        wake_at: Set(application.wake_at),
        manual_steps: Set(application.manual_steps),
        created_at: Set(application.created_at),
        detail: Set(json(TABLE, &detail)?),
    })
}

/// Where a queue ordered by due time puts what is not due: last, and still with a key to page by.
fn never() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(9999, 1, 1, 0, 0, 0)
        .single()
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Record for Change<Application> {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let application = &self.after;
        writing
            .versioned(to_row(application)?, application.version)
            .unique("external id");
        if let Some(end) = &application.resolution {
            writing.insert(resolutions::to_row(application, end));
            // Last, as where a place of the program is taken: who waits for one another waits in one order.
            rollups::note(writing, application.program, end.at, 1);
        }
        self.activity.write(writing)
    }
}

impl Record for NewApplications {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let mut ends: BTreeMap<_, i32> = BTreeMap::new();
        for NewApplication { application, .. } in &self.0 {
            let row = to_row(application)?;
            writing.insert(row).unique("external id");
        }
        for NewApplication { application, .. } in &self.0 {
            if let Some(end) = &application.resolution {
                writing.insert(resolutions::to_row(application, end));
                *ends.entry((application.program, end.at)).or_default() += 1;
            }
        }
        for ((program, at), ends) in ends {
            rollups::note(writing, program, at, ends);
        }
        let mut lines = self.0.into_iter().flat_map(|it| it.activities);
        lines.try_for_each(|line| line.write(writing))
    }
}

impl Record for (Id<Application>, Answers) {
    fn write(self, writing: &mut Writing) -> Result<(), StoreError> {
        let row = answers::ActiveModel {
            application_id: Set(self.0.uuid()),
            body: Set(json("answers", &self.1)?),
        };
        let renewed = [answers::Column::Body];
        writing.upsert(row, [answers::Column::ApplicationId], renewed);
        Ok(())
    }
}
