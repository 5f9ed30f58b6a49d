//! Counts for the indicators. Only the ends of applications in the asked periods are read, so the
//! cost does not grow with what lies outside them.

use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QueryResult, QuerySelect, QueryTrait, Select,
};
use stoa_domain::Timestamp;
use stoa_domain::account::Account;
use stoa_domain::application::{Application, Kind, Status};
use stoa_domain::change::Mode;
use stoa_domain::id::Id;
use stoa_domain::kpi::Key;
use stoa_domain::kpi::formula::{Group, Late, Tally};
use stoa_domain::kpi::period::Period;
use stoa_domain::program::Program;
use stoa_domain::promise::Clocks;
use uuid::Uuid;

use crate::cells::Cells;
use crate::entity::{applications, resolutions};
use crate::page::{Key as Place, Keyset, Page, Slice};
use crate::row::{name, named};
use crate::{StoreError, View, visibility};

const TABLE: &str = "resolutions";

/// What an indicator counts, and by what it is grouped.
#[derive(Clone, Debug)]
pub struct KpiFilter {
    /// Which indicator.
    pub key: Key,
    /// Ends in these periods; they follow one another.
    pub periods: Vec<Period>,
    /// Of this program; none means all that are visible.
    pub program: Option<Id<Program>>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Brought about in this way.
    pub mode: Option<Mode>,
    /// Brought about by this person.
    pub person: Option<Id<Account>>,
    /// Brought about by nobody but the service.
    pub nobody: bool,
    /// One value for each program.
    pub by_program: bool,
    /// One value for each kind.
    pub by_kind: bool,
    /// One value for each mode.
    pub by_mode: bool,
    /// One value for each person.
    pub by_person: bool,
}

/// One end of an application that a value counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KpiRow {
    /// The application.
    pub application: Id<Application>,
    /// Which final state.
    pub outcome: Status,
    /// How it was brought about.
    pub mode: Mode,
    /// By whom.
    pub person: Option<Id<Account>>,
    /// When.
    pub at: Timestamp,
    /// Business minutes on the three clocks.
    pub clocks: Clocks,
    /// Whether it was decided within the promise.
    pub within_promise: Option<bool>,
    /// Steps taken by people of the team.
    pub manual_steps: i32,
}

impl KpiFilter {
    /// All of a program, not grouped.
    pub fn whole(key: Key, program: Id<Program>, periods: Vec<Period>) -> Self {
        Self {
            key,
            periods,
            program: Some(program),
            kind: None,
            mode: None,
            person: None,
            nobody: false,
            by_program: false,
            by_kind: false,
            by_mode: false,
            by_person: false,
        }
    }

    /// The program, if all of it is asked for, and not grouped: such counts are rolled up.
    pub fn whole_program(&self) -> Option<Id<Program>> {
        let parts = self.by_program || self.by_kind || self.by_mode || self.by_person;
        let narrowed =
            self.kind.is_some() || self.mode.is_some() || self.person.is_some() || self.nobody;
        self.program.filter(|_| !parts && !narrowed)
    }
}

impl View {
    /// Counts of ended applications, in one statement.
    pub async fn tallies(&self, filter: &KpiFilter) -> Result<Vec<Tally>, StoreError> {
        use resolutions::Column as C;
        if filter.key == Key::TimeToApprove {
            return self.timed(filter).await;
        }
        let mut select = self.counted(filter).select_only();
        let again = if filter.key == Key::ApplicationsSolved {
            ended_before(filter)
        } else {
            Expr::value(false)
        };
        select = select
            .column_as(bucket(filter, C::At.as_column_ref()), "bucket")
            .column_as(Expr::col(C::ManualSteps.as_column_ref()).gt(0), "by_hand")
            .column_as(again, "again")
            .column_as(
                Expr::col(C::ApplicationId.as_column_ref()).count(),
                "number",
            )
            .columns([
                C::Outcome,
                C::Mode,
                C::EligibilityAutomated,
                C::WithinPromise,
            ])
            .group_by(Expr::col(Alias::new("bucket")))
            .group_by(Expr::col(Alias::new("by_hand")))
            .group_by(Expr::col(Alias::new("again")))
            .group_by(C::Outcome)
            .group_by(C::Mode)
            .group_by(C::EligibilityAutomated)
            .group_by(C::WithinPromise);
        for (wanted, column) in [
            (filter.by_program, C::ProgramId),
            (filter.by_kind, C::Kind),
            (filter.by_person, C::PersonId),
        ] {
            if wanted {
                select = select.column(column).group_by(column);
            }
        }
        let rows = self.db().query_all(&select.into_query()).await?;
        rows.iter().map(|row| tally(row, filter)).collect()
    }

    /// Approved applications with their minutes, each for itself. Hardly two have the same minutes on
    /// all three clocks, so there is nothing for the database to count together.
    async fn timed(&self, filter: &KpiFilter) -> Result<Vec<Tally>, StoreError> {
        use resolutions::Column as C;
        let mut columns = vec![C::At, C::Elapsed, C::Promise, C::Team, C::Mode];
        let more = [
            (filter.by_program, C::ProgramId),
            (filter.by_kind, C::Kind),
            (filter.by_person, C::PersonId),
        ];
        columns.extend(
            more.into_iter()
                .filter_map(|(wanted, it)| wanted.then_some(it)),
        );
        let select = self.counted(filter).select_only().columns(columns);
        let rows = self.db().query_all(&select.into_query()).await?;
        let ended = |row| {
            let mut cells = Cells::new(row);
            let at: Timestamp = cells.next()?;
            let minutes = Clocks {
                elapsed: cells.next()?,
                promise: cells.next()?,
                team: cells.next()?,
            };
            let mode: String = cells.next()?;
            let mode: Mode = named(TABLE, "tally", &mode)?;
            let program: Option<Uuid> = cells.next_if(filter.by_program)?;
            let kind: Option<String> = cells.next_if(filter.by_kind)?;
            let person: Option<Uuid> = cells.next_if(filter.by_person)?;
            let kind = kind.map(|it| named(TABLE, "tally", &it)).transpose()?;
            Ok(Tally {
                bucket: filter.periods.partition_point(|period| period.to <= at),
                group: Group {
                    program: program.map(Id::new),
                    kind,
                    mode: filter.by_mode.then_some(mode),
                    person: person.map(Id::new),
                },
                outcome: Status::Approved,
                manual: false,
                eligibility_automated: false,
                mode,
                within_promise: None,
                minutes: Some(minutes),
                again: false,
                count: 1,
            })
        };
        rows.iter().map(ended).collect()
    }

    /// Counts of open applications that are late by `now`, by the period in which they fell due.
    pub async fn late(&self, filter: &KpiFilter, now: Timestamp) -> Result<Vec<Late>, StoreError> {
        use applications::Column as C;
        // Nobody and nothing has brought an open application to its end yet.
        if filter.mode.is_some() || filter.person.is_some() {
            return Ok(Vec::new());
        }
        let Some(mut select) = self.late_applications(filter, now) else {
            return Ok(Vec::new());
        };
        select = select
            .select_only()
            .column_as(bucket(filter, C::QueueAt.as_column_ref()), "bucket")
            .column_as(Expr::col(C::Id.as_column_ref()).count(), "number")
            .group_by(Expr::col(Alias::new("bucket")));
        for (wanted, column) in [(filter.by_program, C::ProgramId), (filter.by_kind, C::Kind)] {
            if wanted {
                select = select.column(column).group_by(column);
            }
        }
        let rows = self.db().query_all(&select.into_query()).await?;
        rows.iter()
            .map(|row| {
                Ok(Late {
                    bucket: index(row)?,
                    group: Group {
                        program: optional(row, filter.by_program, "program_id")?.map(Id::new),
                        kind: enumerated(row, filter.by_kind, "kind")?,
                        ..Group::default()
                    },
                    count: row.try_get("", "number")?,
                })
            })
            .collect()
    }

    /// The ended applications that a value counts, newest first.
    pub async fn kpi_rows(
        &self,
        filter: &KpiFilter,
        page: &Page,
    ) -> Result<Slice<KpiRow>, StoreError> {
        use resolutions::Column as C;
        let order = Keyset {
            name: "ended",
            time: Some(C::At),
            key: vec![C::ApplicationId, C::Version],
            descending: true,
        };
        let rows = order
            .select(self.counted(filter), page)?
            .all(self.db())
            .await?;
        let items = rows
            .into_iter()
            .map(|row| {
                let place = Place::End(row.application_id, row.version);
                let id = row.application_id;
                let end = KpiRow {
                    application: Id::new(id),
                    outcome: named(TABLE, id, &row.outcome)?,
                    mode: named(TABLE, id, &row.mode)?,
                    person: row.person_id.map(Id::new),
                    at: row.at,
                    clocks: Clocks {
                        elapsed: row.elapsed,
                        promise: row.promise,
                        team: row.team,
                    },
                    within_promise: row.within_promise,
                    manual_steps: row.manual_steps,
                };
                Ok((order.cursor(Some(row.at), place), end))
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(page.slice(items))
    }

    /// The ends that the indicator is about.
    fn counted(&self, filter: &KpiFilter) -> Select<resolutions::Entity> {
        use resolutions::Column as C;
        let mut select = visibility::resolutions(&self.actor);
        let (Some(first), Some(last)) = (filter.periods.first(), filter.periods.last()) else {
            return select.filter(Expr::value(false));
        };
        select = select
            .filter(C::At.gte(first.from))
            .filter(C::At.lt(last.to));
        if let Some(program) = filter.program {
            select = select.filter(C::ProgramId.eq(program.uuid()));
        }
        if let Some(kind) = filter.kind {
            select = select.filter(C::Kind.eq(name(&kind)));
        }
        if let Some(mode) = filter.mode {
            select = select.filter(C::Mode.eq(name(&mode)));
        }
        if let Some(person) = filter.person {
            select = select.filter(C::PersonId.eq(person.uuid()));
        }
        if filter.nobody {
            select = select.filter(C::PersonId.is_null());
        }
        match filter.key {
            Key::TimeToApprove => select.filter(C::Outcome.eq("APPROVED")),
            Key::AutomatedShare => select.filter(C::Outcome.is_in(["APPROVED", "DECLINED"])),
            Key::WithinPromise => select.filter(C::WithinPromise.is_not_null()),
            Key::ApplicationsSolved => select,
        }
    }

    fn late_applications(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Option<Select<applications::Entity>> {
        use applications::Column as C;
        let (first, last) = (filter.periods.first()?, filter.periods.last()?);
        let mut select = visibility::counted_applications(&self.actor)
            .filter(C::Status.is_in([
                "SUBMITTED",
                "IN_REVIEW",
                "AWAITING_APPLICANT",
                "ON_HOLD",
                "AWAITING_APPROVAL",
                "WAITLISTED",
            ]))
            .filter(C::QueueAt.gte(first.from))
            .filter(C::QueueAt.lt(std::cmp::Ord::min(last.to, now)));
        if let Some(program) = filter.program {
            select = select.filter(C::ProgramId.eq(program.uuid()));
        }
        if let Some(kind) = filter.kind {
            select = select.filter(C::Kind.eq(name(&kind)));
        }
        Some(select)
    }
}

/// The index of the period that a time lies in.
fn bucket(filter: &KpiFilter, column: impl sea_orm::sea_query::IntoColumnRef) -> SimpleExpr {
    let column = Expr::col(column);
    let mut case = CaseStatement::new();
    for (index, period) in (0_i32..).zip(&filter.periods) {
        case = case.case(column.clone().lt(period.to), Expr::val(index));
    }
    case.finally(Expr::val(-1)).into()
}

/// Whether the same application ended before in the same period and group: it was reopened.
fn ended_before(filter: &KpiFilter) -> SimpleExpr {
    use resolutions::Column as C;
    let earlier = Alias::new("earlier");
    let of = |column: C| Expr::col((earlier.clone(), column));
    let this = |column: C| Expr::col((resolutions::Entity, column));
    let mut query = Query::select();
    query
        .expr(Expr::val(1))
        .from_as(resolutions::Entity, earlier.clone())
        .and_where(of(C::ApplicationId).equals((resolutions::Entity, C::ApplicationId)))
        .and_where(of(C::Version).lt(this(C::Version)))
        .and_where(
            bucket(filter, (earlier.clone(), C::At))
                .eq(bucket(filter, (resolutions::Entity, C::At))),
        );
    if let Some(first) = filter.periods.first() {
        query.and_where(of(C::At).gte(first.from));
    }
    if filter.by_mode || filter.mode.is_some() {
        query.and_where(of(C::Mode).equals((resolutions::Entity, C::Mode)));
    }
    if filter.by_person || filter.person.is_some() {
        // What the service ended has no person, and null equals nothing.
        let nobody = of(C::PersonId).is_null().and(this(C::PersonId).is_null());
        let same = of(C::PersonId).equals((resolutions::Entity, C::PersonId));
        query.and_where(same.or(nobody));
    }
    Expr::exists(query)
}

fn tally(row: &QueryResult, filter: &KpiFilter) -> Result<Tally, StoreError> {
    let outcome: String = row.try_get("", "outcome")?;
    let mode: String = row.try_get("", "mode")?;
    let mode: Mode = named(TABLE, "tally", &mode)?;
    Ok(Tally {
        bucket: index(row)?,
        group: Group {
            program: optional(row, filter.by_program, "program_id")?.map(Id::new),
            kind: enumerated(row, filter.by_kind, "kind")?,
            mode: filter.by_mode.then_some(mode),
            person: optional(row, filter.by_person, "person_id")?.map(Id::new),
        },
        outcome: named(TABLE, "tally", &outcome)?,
        manual: row.try_get("", "by_hand")?,
        eligibility_automated: row.try_get("", "eligibility_automated")?,
        mode,
        within_promise: row.try_get("", "within_promise")?,
        minutes: None,
        again: row.try_get("", "again")?,
        count: row.try_get("", "number")?,
    })
}

fn index(row: &QueryResult) -> Result<usize, StoreError> {
    let index: i32 = row.try_get("", "bucket")?;
    Ok(usize::try_from(index).unwrap_or(usize::MAX))
}

fn optional(row: &QueryResult, wanted: bool, column: &str) -> Result<Option<Uuid>, StoreError> {
    if wanted {
        Ok(row.try_get("", column)?)
    } else {
        Ok(None)
    }
}

fn enumerated(row: &QueryResult, wanted: bool, column: &str) -> Result<Option<Kind>, StoreError> {
    if !wanted {
        return Ok(None);
    }
    let text: String = row.try_get("", column)?;
    named(TABLE, "tally", &text).map(Some)
}
