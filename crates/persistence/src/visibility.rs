//! Who sees which rows: one function per table, and the only callers of `Entity::find()`.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where every select starts"
)]

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait, Select,
    SelectTwo,
};
use stoa_domain::actor::{Actor, Permission, Visibility};
use stoa_domain::id::Id;
use stoa_domain::program::Program;
use uuid::Uuid;

use crate::entity::{
    academic_domains, accounts, activities, answers, applications, credentials, evaluations,
    idempotency_keys, identities, integration_tokens, kpi_ledgers, kpi_rollups, mails, memberships,
    messages, organizations, programs, refresh_tokens, resolutions, revisions, sessions,
    sign_in_attempts, sign_in_codes, sign_in_exchanges, signing_keys,
};

fn nothing() -> Condition {
    Condition::all().add(Expr::value(false))
}

fn uuids(programs: &[Id<Program>]) -> Vec<Uuid> {
    programs.iter().map(|program| program.uuid()).collect()
}

/// Applicants see their own; the team sees what was handed in to its programs, drafts stay private.
fn application_condition(actor: &Actor) -> Condition {
    let handed_in = applications::Column::SubmittedAt.is_not_null();
    let brought_in = match (actor, actor.visibility(Permission::ImportApplications)) {
        (Actor::Integration { .. }, Visibility::Everything) => Some(Condition::all()),
        (Actor::Integration { .. }, Visibility::Programs(programs)) => {
            Some(Condition::all().add(applications::Column::ProgramId.is_in(uuids(&programs))))
        }
        _ => None,
    };
    if let Some(programs) = brought_in {
        // Until it is handed in, whoever brought it may finish it.
        return programs
            .add(applications::Column::ExternalId.is_not_null())
            .add(applications::Column::SubmittedAt.is_null());
    }
    match actor.visibility(Permission::ReadApplications) {
        Visibility::Nothing => nothing(),
        Visibility::Own(account) => {
            Condition::all().add(applications::Column::ApplicantId.eq(account.uuid()))
        }
        Visibility::Programs(programs) => Condition::all()
            .add(applications::Column::ProgramId.is_in(uuids(&programs)))
            .add(handed_in),
        Visibility::Everything if *actor == Actor::System => Condition::all(),
        Visibility::Everything => Condition::all().add(handed_in),
    }
}

fn membership_condition(actor: &Actor) -> Condition {
    match actor.visibility(Permission::ReadMemberships) {
        Visibility::Nothing => nothing(),
        Visibility::Own(_) => {
            Condition::all().add(of_visible(memberships::Column::ApplicationId, actor))
        }
        Visibility::Programs(programs) => {
            Condition::all().add(memberships::Column::ProgramId.is_in(uuids(&programs)))
        }
        Visibility::Everything => Condition::all(),
    }
}

/// Whether the application that a column points at exists for an actor.
fn of_visible(column: impl ColumnTrait, actor: &Actor) -> SimpleExpr {
    exists(
        applications::Entity,
        (applications::Column::Id, column),
        application_condition(actor),
    )
}

/// The applications that exist for an actor.
pub(crate) fn applications(actor: &Actor) -> Select<applications::Entity> {
    applications::Entity::find().filter(application_condition(actor))
}

/// Answers of visible applications.
pub(crate) fn answers(actor: &Actor) -> Select<answers::Entity> {
    let all = answers::Entity::find();
    if *actor == Actor::System {
        return all;
    }
    all.filter(of_visible(answers::Column::ApplicationId, actor))
}

/// Evaluations of visible applications.
pub(crate) fn evaluations(actor: &Actor) -> Select<evaluations::Entity> {
    let all = evaluations::Entity::find();
    if *actor == Actor::System {
        return all;
    }
    all.filter(of_visible(evaluations::Column::ApplicationId, actor))
}

/// Messages of visible applications.
pub(crate) fn messages(actor: &Actor) -> Select<messages::Entity> {
    messages::Entity::find().filter(of_visible(messages::Column::ApplicationId, actor))
}

/// Memberships of visible programs, or of one's own applications.
pub(crate) fn memberships(actor: &Actor) -> Select<memberships::Entity> {
    memberships::Entity::find().filter(membership_condition(actor))
}

/// Programs are published: everybody sees them.
pub(crate) fn programs() -> Select<programs::Entity> {
    programs::Entity::find()
}

/// Revisions are published: everybody sees them.
pub(crate) fn revisions() -> Select<revisions::Entity> {
    revisions::Entity::find()
}

fn organization_condition(actor: &Actor) -> Condition {
    if *actor == Actor::System {
        return Condition::all();
    }
    let applied = exists(
        applications::Entity,
        (
            applications::Column::OrganizationId,
            organizations::Column::Id,
        ),
        application_condition(actor),
    );
    if let Actor::Applicant { account, .. } = actor {
        return Condition::any()
            .add(organizations::Column::OwnerId.eq(account.uuid()))
            .add(applied);
    }
    Condition::any().add(applied).add(exists(
        memberships::Entity,
        (
            memberships::Column::OrganizationId,
            organizations::Column::Id,
        ),
        membership_condition(actor),
    ))
}

/// Whether this table has a row whose column is the one of the row that is looked at. One look into an index for each
/// row: a list of all that is visible would be made before the first one, however few are asked for.
fn exists<E: EntityTrait>(
    table: E,
    (column, pointed_at): (impl ColumnTrait, impl ColumnTrait),
    condition: Condition,
) -> SimpleExpr {
    let query = Query::select()
        .expr(Expr::val(1))
        .from(table)
        .and_where(Expr::col((table, column)).equals(pointed_at.as_column_ref()))
        .cond_where(condition)
        .take();
    Expr::exists(query)
}

/// Organisations that applied to, or are members of, visible programs.
pub(crate) fn organizations(actor: &Actor) -> Select<organizations::Entity> {
    organizations::Entity::find().filter(organization_condition(actor))
}

/// Whether an actor sees everybody's account.
fn keeps_everybody(actor: &Actor) -> bool {
    actor.visibility(Permission::ManageAccounts) == Visibility::Everything
        || actor.visibility(Permission::ManageRoles) == Visibility::Everything
}

/// Whether an actor sees the accounts of those whose applications exist for them.
pub(crate) fn sees_applicants(actor: &Actor) -> bool {
    let people = actor.visibility(Permission::ReadPersonalData) != Visibility::Nothing;
    keeps_everybody(actor) || people && !actor.is_applicant()
}

/// Whether an actor sees the accounts of the team.
pub(crate) fn sees_team(actor: &Actor) -> bool {
    let reads = actor.visibility(Permission::ReadApplications) != Visibility::Nothing;
    keeps_everybody(actor) || reads && sees_applicants(actor)
}

/// Oneself; colleagues and applicants for those who may read personal data; everybody for those who keep accounts.
pub(crate) fn accounts(actor: &Actor) -> Select<accounts::Entity> {
    let all = accounts::Entity::find();
    if keeps_everybody(actor) {
        return all;
    }
    let Some(account) = actor.account() else {
        return all.filter(nothing());
    };
    let mut seen = Condition::any().add(accounts::Column::Id.eq(account.uuid()));
    if sees_applicants(actor) {
        seen = seen
            .add(exists(
                organizations::Entity,
                (organizations::Column::OwnerId, accounts::Column::Id),
                organization_condition(actor),
            ))
            .add(exists(
                applications::Entity,
                (applications::Column::ApplicantId, accounts::Column::Id),
                application_condition(actor),
            ));
    }
    if sees_team(actor) {
        seen = seen.add(accounts::Column::Kind.eq("STAFF"));
    }
    all.filter(seen)
}

/// Applicants read the public lines of their own applications; lines that concern no program are for those who see all.
pub(crate) fn activities(actor: &Actor) -> Select<activities::Entity> {
    let lines = lines(actor);
    match actor.visibility(Permission::ReadActivities) {
        Visibility::Nothing => lines,
        Visibility::Own(_) => lines.filter(of_visible(activities::Column::ApplicationId, actor)),
        Visibility::Everything if *actor == Actor::System => lines,
        Visibility::Programs(_) | Visibility::Everything => lines.filter(shown_application(actor)),
    }
}

/// The same, where the statement itself reads the application: each line would look for it again.
pub(crate) fn activities_beside_application(actor: &Actor) -> Select<activities::Entity> {
    match actor.visibility(Permission::ReadApplications) {
        // They see applications by another right than to read them.
        Visibility::Nothing => activities(actor),
        _ => lines(actor),
    }
}

/// Lines of the log that an actor may read, as far as their applications exist for them.
fn lines(actor: &Actor) -> Select<activities::Entity> {
    let all = activities::Entity::find();
    match actor.visibility(Permission::ReadActivities) {
        Visibility::Nothing => all.filter(nothing()),
        Visibility::Own(_) => all.filter(activities::Column::Public.eq(true)),
        Visibility::Programs(programs) => {
            all.filter(activities::Column::ProgramId.is_in(uuids(&programs)))
        }
        Visibility::Everything => all,
    }
}

/// A draft's lines stay as private as the draft. Readers of the feed alone see that things happened.
fn shown_application(actor: &Actor) -> Condition {
    let drafted = Condition::any()
        .add(activities::Column::Verb.is_not_in(["CREATED", "ANSWERED"]))
        .add(activities::Column::ApplicationId.is_null());
    if actor.visibility(Permission::ReadApplications) == Visibility::Nothing {
        return drafted;
    }
    Condition::any()
        .add(activities::Column::ApplicationId.is_null())
        .add(of_visible(activities::Column::ApplicationId, actor))
}

/// Programs of which somebody may read numbers.
fn numbers(actor: &Actor, program: impl ColumnTrait) -> Condition {
    match actor.visibility(Permission::ReadNumbers) {
        Visibility::Nothing | Visibility::Own(_) => nothing(),
        Visibility::Programs(programs) => Condition::all().add(program.is_in(uuids(&programs))),
        Visibility::Everything => Condition::all(),
    }
}

/// Ends of applications, for those who may read numbers.
pub(crate) fn resolutions(actor: &Actor) -> Select<resolutions::Entity> {
    resolutions::Entity::find().filter(numbers(actor, resolutions::Column::ProgramId))
}

/// Closed periods that were counted, for those who may read numbers.
pub(crate) fn rollups(actor: &Actor) -> Select<kpi_rollups::Entity> {
    kpi_rollups::Entity::find().filter(numbers(actor, kpi_rollups::Column::ProgramId))
}

/// Up to when programs are rolled up: nothing that anybody but the service asks.
pub(crate) fn ledgers(actor: &Actor) -> Select<kpi_ledgers::Entity> {
    kpi_ledgers::Entity::find().filter(own(actor))
}

/// Open applications as numbers only, for those who may read numbers.
pub(crate) fn counted_applications(actor: &Actor) -> Select<applications::Entity> {
    applications::Entity::find().filter(numbers(actor, applications::Column::ProgramId))
}

/// The registry of academic domains holds nobody's data.
pub(crate) fn academic_domains() -> Select<academic_domains::Entity> {
    academic_domains::Entity::find()
}

/// What only the service itself looks at.
fn own(actor: &Actor) -> Condition {
    if *actor == Actor::System {
        Condition::all()
    } else {
        nothing()
    }
}

fn keeps_accounts(actor: &Actor) -> bool {
    actor.visibility(Permission::ManageAccounts) == Visibility::Everything
}

/// One's own sessions; everybody's for administrators.
pub(crate) fn sessions(actor: &Actor) -> Select<sessions::Entity> {
    let all = sessions::Entity::find();
    match actor.account() {
        _ if keeps_accounts(actor) => all,
        Some(account) => all.filter(sessions::Column::AccountId.eq(account.uuid())),
        None => all.filter(nothing()),
    }
}

/// Accounts with their sessions.
pub(crate) fn accounts_by_session(actor: &Actor) -> SelectTwo<accounts::Entity, sessions::Entity> {
    let by_session = sessions::Relation::Account.def().rev();
    accounts::Entity::find()
        .join(JoinType::InnerJoin, by_session)
        .select_also(sessions::Entity)
        .filter(own(actor))
}

/// Accounts with their tokens.
pub(crate) fn accounts_by_token(
    actor: &Actor,
) -> SelectTwo<accounts::Entity, integration_tokens::Entity> {
    let by_token = integration_tokens::Relation::Account.def().rev();
    accounts::Entity::find()
        .join(JoinType::InnerJoin, by_token)
        .select_also(integration_tokens::Entity)
        .filter(own(actor))
}

/// Tokens of integrations, for administrators.
pub(crate) fn integration_tokens(actor: &Actor) -> Select<integration_tokens::Entity> {
    let all = integration_tokens::Entity::find();
    if keeps_accounts(actor) {
        all
    } else {
        all.filter(nothing())
    }
}

/// Refresh tokens are nobody's to read.
pub(crate) fn refresh_tokens(actor: &Actor) -> Select<refresh_tokens::Entity> {
    refresh_tokens::Entity::find().filter(own(actor))
}

/// Signing keys are nobody's to read.
pub(crate) fn signing_keys(actor: &Actor) -> Select<signing_keys::Entity> {
    signing_keys::Entity::find().filter(own(actor))
}

/// Keys of requests are the service's own.
pub(crate) fn idempotency_keys(actor: &Actor) -> Select<idempotency_keys::Entity> {
    idempotency_keys::Entity::find().filter(own(actor))
}

/// Hashes of passwords exist for nobody.
pub(crate) fn credentials(actor: &Actor) -> Select<credentials::Entity> {
    credentials::Entity::find().filter(own(actor))
}

/// Attempts to sign in exist for nobody.
pub(crate) fn sign_in_attempts(actor: &Actor) -> Select<sign_in_attempts::Entity> {
    sign_in_attempts::Entity::find().filter(own(actor))
}

/// Codes exist for nobody.
pub(crate) fn sign_in_codes(actor: &Actor) -> Select<sign_in_codes::Entity> {
    sign_in_codes::Entity::find().filter(own(actor))
}

/// Sign-ins on their way back from a provider exist for nobody.
pub(crate) fn sign_in_exchanges(actor: &Actor) -> Select<sign_in_exchanges::Entity> {
    sign_in_exchanges::Entity::find().filter(own(actor))
}

/// Links to accounts at providers exist for nobody.
pub(crate) fn identities(actor: &Actor) -> Select<identities::Entity> {
    identities::Entity::find().filter(own(actor))
}

/// Mails on their way exist for nobody.
pub(crate) fn mails(actor: &Actor) -> Select<mails::Entity> {
    mails::Entity::find().filter(own(actor))
}
