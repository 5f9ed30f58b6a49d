//! Fields that hide from some viewers what others read.

use serde_json::Value;

use super::scene::Scene;
use super::{DONE, PEOPLE, Row, code};

/// How a value is told in a cell.
enum Show {
    /// Whether there is one.
    There,
    /// As it is.
    Value,
    /// Whether an item of the list has this member.
    Has(&'static str, &'static str),
}

use Show::{Has, There, Value as Shown};

/// Field, case, document, where its value lies, and how it is told.
type Look = (&'static str, &'static str, &'static str, &'static str, Show);

/// What everybody read.
pub async fn rows(scene: &Scene) -> Vec<Row> {
    let mut rows = Vec::new();
    let looks = applications().into_iter().chain(evaluations()).chain(decisions()).chain(others()).chain(nodes());
    for (field, case, document, at, show) in looks {
        let mut cells = Vec::new();
        for (_, person) in PEOPLE {
            let answer = scene.send(person, document).await;
            cells.push(match answer["errors"].get(0) {
                Some(error) => code(error.pointer("/extensions/code"), &answer),
                None => told(&answer["data"], at, &show),
            });
        }
        rows.push(Row { field: field.into(), case, cells });
    }
    rows
}

fn told(data: &Value, at: &str, show: &Show) -> String {
    let mut here = data;
    for step in at.split('/') {
        if here.is_null() {
            return "–".into();
        }
        here = match step.parse::<usize>() {
            Ok(place) => &here[place],
            Err(_) => &here[step],
        };
    }
    match (here, show) {
        (Value::Null, _) => "null".into(),
        (Value::Array(list), _) if list.is_empty() => "empty".into(),
        (Value::Array(list), Has(member, value)) => {
            let found = list.iter().any(|item| item[member] == *value);
            if found { DONE.into() } else { "left out".into() }
        }
        (Value::String(text), Shown) => text.clone(),
        (value, Shown) => value.to_string(),
        _ => DONE.into(),
    }
}

fn applications() -> Vec<Look> {
    let messages = "query($held: ID!) { application(id: $held) { messages { nodes { kind author { name } } } } }";
    let activities = "query($held: ID!) { application(id: $held) { activities(first: 100) { nodes { verb } } } }";
    let actions = "query($held: ID!) { application(id: $held) { availableActions { action } } }";
    vec![
        ("Application.status", "ON_HOLD", "query($held: ID!) { application(id: $held) { status } }", "application/status", Shown),
        ("Application.status", "AWAITING_APPROVAL", "query($proposed: ID!) { application(id: $proposed) { status } }", "application/status", Shown),
        ("Application.status", "DRAFT", "query($draft: ID!) { application(id: $draft) { status } }", "application/status", Shown),
        ("Application.status", "DRAFT that the integration brought in", "query($brought: ID!) { application(id: $brought) { status } }", "application/status", Shown),
        ("Application.status", "DRAFT whose external id the applicant chose", "query($named: ID!) { application(id: $named) { status } }", "application/status", Shown),
        ("Application.stage", "ON_HOLD for compliance", "query($held: ID!) { application(id: $held) { stage } }", "application/stage", Shown),
        ("Application.history", "the line ON_HOLD", "query($held: ID!) { application(id: $held) { history { status } } }", "application/history", Has("status", "ON_HOLD")),
        ("Application.history", "the line AWAITING_APPROVAL", "query($approved: ID!) { application(id: $approved) { history { status } } }", "application/history", Has("status", "AWAITING_APPROVAL")),
        ("Application.hold", "ON_HOLD", "query($held: ID!) { application(id: $held) { hold { cause note } } }", "application/hold", There),
        ("Application.assignee", "a colleague", "query($held: ID!) { application(id: $held) { assignee { name } } }", "application/assignee", There),
        ("Query.applications", "`totalCount` with `statuses: [ON_HOLD]`", "{ applications(filter: { statuses: [ON_HOLD] }) { totalCount } }", "applications/totalCount", Shown),
        ("Query.applications", "`totalCount` with `assigneeId` of the colleague", "query($colleague: ID!) { applications(filter: { assigneeId: $colleague }) { totalCount } }", "applications/totalCount", Shown),
        ("Query.applications", "`totalCount` with `unassigned`, handed in", "{ applications(filter: { unassigned: true, submittedFrom: \"2026-01-01T00:00:00Z\" }) { totalCount } }", "applications/totalCount", Shown),
        ("Application.manualSteps", "ON_HOLD", "query($held: ID!) { application(id: $held) { manualSteps } }", "application/manualSteps", There),
        ("Application.clocks", "`promiseMinutes`", "query($held: ID!) { application(id: $held) { clocks { promiseMinutes } } }", "application/clocks/promiseMinutes", There),
        ("Application.clocks", "`teamMinutes`", "query($held: ID!) { application(id: $held) { clocks { teamMinutes } } }", "application/clocks/teamMinutes", There),
        ("Application.answers", "handed in", "query($held: ID!) { application(id: $held) { answers } }", "application/answers", There),
        ("Application.answers", "of a draft", "query($draft: ID!) { application(id: $draft) { answers } }", "application/answers", There),
        ("Application.answers", "of a draft that the integration brought in", "query($brought: ID!) { application(id: $brought) { answers } }", "application/answers", There),
        ("Application.answers", "of a draft whose external id the applicant chose", "query($named: ID!) { application(id: $named) { answers } }", "application/answers", There),
        ("Application.applicant", "`email`", "query($held: ID!) { application(id: $held) { applicant { email } } }", "application/applicant/email", There),
        ("Application.messages", "the team's question", messages, "application/messages/nodes", Has("kind", "QUESTION")),
        ("Message.author", "a colleague", messages, "application/messages/nodes/1/author", There),
        ("Message.author", "the applicant", messages, "application/messages/nodes/2/author", There),
        ("Application.activities", "the line SUBMITTED", activities, "application/activities/nodes", Has("verb", "SUBMITTED")),
        ("Application.activities", "the line CLAIMED", activities, "application/activities/nodes", Has("verb", "CLAIMED")),
        ("Application.activities", "the line HELD", activities, "application/activities/nodes", Has("verb", "HELD")),
        ("Application.availableActions", "RELEASE", actions, "application/availableActions", Has("action", "RELEASE")),
        ("Application.availableActions", "WITHDRAW", actions, "application/availableActions", Has("action", "WITHDRAW")),
    ]
}

fn evaluations() -> Vec<Look> {
    let evaluation = "query($proposed: ID!) { application(id: $proposed) { evaluation {
        recommendation reasons limits findings { outcome consequence fix facts { name } } } } }";
    vec![
        ("Evaluation.recommendation", "", evaluation, "application/evaluation/recommendation", There),
        ("Evaluation.reasons", "none followed", evaluation, "application/evaluation/reasons", There),
        ("Evaluation.limits", "", evaluation, "application/evaluation/limits", There),
        ("Finding.outcome", "", evaluation, "application/evaluation/findings/0/outcome", Shown),
        ("Finding.consequence", "", evaluation, "application/evaluation/findings/0/consequence", Shown),
        ("Finding.facts", "", evaluation, "application/evaluation/findings/0/facts", There),
    ]
}

fn decisions() -> Vec<Look> {
    let drafted = "query($proposed: ID!) { application(id: $proposed) { decision { outcome } } }";
    let published = "query($approved: ID!) { application(id: $approved) { decision {
        outcome limits approvedAt approvedBy { name } draftedBy { name } } } }";
    vec![
        ("Application.decision", "AWAITING_APPROVAL", drafted, "application/decision", There),
        ("Application.decision", "APPROVED", published, "application/decision/outcome", Shown),
        ("Decision.draftedBy", "APPROVED", published, "application/decision/draftedBy", There),
        ("Decision.limits", "APPROVED", published, "application/decision/limits", There),
        ("Decision.approvedBy", "APPROVED", published, "application/decision/approvedBy", There),
        ("Decision.approvedAt", "APPROVED", published, "application/decision/approvedAt", There),
    ]
}

fn others() -> Vec<Look> {
    let revision = "query($revision: ID!) { node(id: $revision) { ... on Revision {
        criteria { unmet } automation { approve } approvals { key } } } }";
    let applying = "query($organization: ID!) { organization(id: $organization) { name owner { name } } }";
    let member = "query($member: ID!) { organization(id: $member) { name owner { name } } }";
    let applicant = "query($applicant: ID!) { node(id: $applicant) { ... on Account { email } } }";
    let colleague = "query($colleague: ID!) { node(id: $colleague) { ... on Account { email roles { role } } } }";
    let public = "query($public: ID!) { node(id: $public) { ... on Activity { details application { id } account { name } } } }";
    let internal = "query($internal: ID!) { node(id: $internal) { ... on Activity { details application { id } account { name } } } }";
    let membership = "query($membership: ID!) { membership(id: $membership) {
        terms { endsOn } organization { name owner { name } } application { id } } }";
    let kpi = "query($program: ID!) { kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2026-11-01\",
        to: \"2026-11-01\", programId: $program, groupBy: [PERSON] }) { values {
          value person { name } rows { nodes { application { id } person { name } clocks { teamMinutes } } } } } }";
    vec![
        ("Criterion.unmet", "of the program", revision, "node/criteria/0/unmet", Shown),
        ("Revision.automation", "of the program", revision, "node/automation", There),
        ("Revision.approvals", "of the program", revision, "node/approvals", There),
        ("Organization.name", "an applying one", applying, "organization/name", There),
        ("Organization.owner", "an applying one", applying, "organization/owner", There),
        ("Organization.name", "a member", member, "organization/name", There),
        ("Organization.owner", "a member", member, "organization/owner", There),
        ("Account.email", "of the applicant", applicant, "node/email", There),
        ("Account.email", "of the colleague", colleague, "node/email", There),
        ("Account.roles", "of the colleague", colleague, "node/roles", There),
        ("Activity.details", "the line SUBMITTED", public, "node/details", There),
        ("Activity.application", "the line SUBMITTED", public, "node/application", There),
        ("Activity.account", "the line SUBMITTED", public, "node/account", There),
        ("Activity.details", "the line HELD", internal, "node/details", There),
        ("Activity.account", "the line HELD", internal, "node/account", There),
        ("Membership.terms", "", membership, "membership/terms", There),
        ("Membership.organization", "", membership, "membership/organization", There),
        ("Membership.organization", "`owner`", membership, "membership/organization/owner", There),
        ("Membership.application", "", membership, "membership/application", There),
        ("KpiValue.value", "", kpi, "kpi/values/0/value", Shown),
        ("KpiValue.person", "", kpi, "kpi/values/0/person", There),
        ("KpiRow.application", "", kpi, "kpi/values/0/rows/nodes/0/application", There),
        ("KpiRow.person", "", kpi, "kpi/values/0/rows/nodes/0/person", There),
        ("KpiRow.clocks", "`teamMinutes`", kpi, "kpi/values/0/rows/nodes/0/clocks/teamMinutes", There),
    ]
}

fn nodes() -> Vec<Look> {
    [
        ("a program", "query($program: ID!) { node(id: $program) { id } }"),
        ("a revision", "query($revision: ID!) { node(id: $revision) { id } }"),
        ("an application", "query($held: ID!) { node(id: $held) { id } }"),
        ("a draft", "query($draft: ID!) { node(id: $draft) { id } }"),
        ("an evaluation", "query($evaluation: ID!) { node(id: $evaluation) { id } }"),
        ("an applying organisation", "query($organization: ID!) { node(id: $organization) { id } }"),
        ("a member", "query($member: ID!) { node(id: $member) { id } }"),
        ("a membership", "query($membership: ID!) { node(id: $membership) { id } }"),
        ("the applicant", "query($applicant: ID!) { node(id: $applicant) { id } }"),
        ("the colleague", "query($colleague: ID!) { node(id: $colleague) { id } }"),
        ("the line SUBMITTED", "query($public: ID!) { node(id: $public) { id } }"),
        ("the line HELD", "query($internal: ID!) { node(id: $internal) { id } }"),
    ]
    .map(|(case, document)| ("Query.node", case, document, "node", There))
    .into()
}
