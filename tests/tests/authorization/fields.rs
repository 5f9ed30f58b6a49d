//! Fields that hide from some viewers what others read.

use serde_json::Value;

use super::scene::Scene;
use super::{DONE, PEOPLE, Row, code};

/// Documents, and under each what is looked at in its answer: field, case, place, and how it is told.
/// Nothing tells whether it is there, `=` the value, and a member with its value whether the list has such an item.
const LOOKS: &str = "
query($held: ID!) { application(id: $held) { status stage history { status } hold { cause note } assignee { name } manualSteps } }
  Application.status | ON_HOLD | application/status | =
  Application.stage | ON_HOLD for compliance | application/stage | =
  Application.history | the line ON_HOLD | application/history | status ON_HOLD
  Application.hold | ON_HOLD | application/hold |
  Application.assignee | a colleague | application/assignee |
  Application.manualSteps | ON_HOLD | application/manualSteps |
query($proposed: ID!) { application(id: $proposed) { status decision { outcome } } }
  Application.status | AWAITING_APPROVAL | application/status | =
  Application.decision | AWAITING_APPROVAL | application/decision |
query($approved: ID!) { application(id: $approved) { status history { status } decision { outcome limits approvedAt approvedBy { name } draftedBy { name } } } }
  Application.status | APPROVED | application/status | =
  Application.history | the line AWAITING_APPROVAL | application/history | status AWAITING_APPROVAL
  Application.decision | APPROVED | application/decision/outcome | =
  Decision.draftedBy | APPROVED | application/decision/draftedBy |
  Decision.limits | APPROVED | application/decision/limits |
  Decision.approvedBy | APPROVED | application/decision/approvedBy |
  Decision.approvedAt | APPROVED | application/decision/approvedAt |
query($draft: ID!) { application(id: $draft) { status answers } }
  Application.status | DRAFT | application/status | =
  Application.answers | of a draft | application/answers |
query($brought: ID!) { application(id: $brought) { status answers } }
  Application.status | DRAFT that the integration brought in | application/status | =
  Application.answers | of a draft that the integration brought in | application/answers |
query($held: ID!) { application(id: $held) { clocks { promiseMinutes teamMinutes } answers applicant { email } messages { nodes { kind author { name } } } } }
  Application.clocks | `promiseMinutes` | application/clocks/promiseMinutes |
  Application.clocks | `teamMinutes` | application/clocks/teamMinutes |
  Application.answers | handed in | application/answers |
  Application.applicant | `email` | application/applicant/email |
  Application.messages | the team's question | application/messages/nodes | kind QUESTION
  Message.author | a colleague | application/messages/nodes/1/author |
  Message.author | the applicant | application/messages/nodes/2/author |
query($held: ID!) { application(id: $held) { activities(first: 100) { nodes { verb } } availableActions { action } } }
  Application.activities | the line SUBMITTED | application/activities/nodes | verb SUBMITTED
  Application.activities | the line CLAIMED | application/activities/nodes | verb CLAIMED
  Application.activities | the line HELD | application/activities/nodes | verb HELD
  Application.availableActions | RELEASE | application/availableActions | action RELEASE
  Application.availableActions | WITHDRAW | application/availableActions | action WITHDRAW
{ applications(filter: { statuses: [ON_HOLD] }) { totalCount } }
  Query.applications | `totalCount` with `statuses: [ON_HOLD]` | applications/totalCount | =
query($colleague: ID!) { applications(filter: { assigneeId: $colleague }) { totalCount } }
  Query.applications | `totalCount` with `assigneeId` of the colleague | applications/totalCount | =
{ applications(filter: { unassigned: true, submittedFrom: \"2026-01-01T00:00:00Z\" }) { totalCount } }
  Query.applications | `totalCount` with `unassigned`, handed in | applications/totalCount | =
query($proposed: ID!) { application(id: $proposed) { evaluation { recommendation reasons limits findings { outcome consequence facts { name } } } } }
  Evaluation.recommendation | | application/evaluation/recommendation |
  Evaluation.reasons | none follow | application/evaluation/reasons |
  Evaluation.limits | | application/evaluation/limits |
  Finding.outcome | | application/evaluation/findings/0/outcome | =
  Finding.consequence | | application/evaluation/findings/0/consequence | =
  Finding.facts | | application/evaluation/findings/0/facts |
query($revision: ID!) { node(id: $revision) { ... on Revision { criteria { unmet } automation { approve } approvals { key } } } }
  Criterion.unmet | of the program | node/criteria/0/unmet | =
  Revision.automation | of the program | node/automation |
  Revision.approvals | of the program | node/approvals |
query($organization: ID!) { organization(id: $organization) { name owner { name } } }
  Organization.name | an applying one | organization/name |
  Organization.owner | an applying one | organization/owner |
query($member: ID!) { organization(id: $member) { name owner { name } } }
  Organization.name | a member | organization/name |
  Organization.owner | a member | organization/owner |
query($applicant: ID!) { node(id: $applicant) { ... on Account { email } } }
  Account.email | of the applicant | node/email |
query($colleague: ID!) { node(id: $colleague) { ... on Account { email roles { role } } } }
  Account.email | of the colleague | node/email |
  Account.roles | of the colleague | node/roles |
query($applicant: ID!) { node(id: $applicant) { ... on Account { sessions { id } integrationTokens { id } } } }
  Account.sessions | of the applicant | node/sessions |
  Account.integrationTokens | of the applicant | node/integrationTokens |
query($public: ID!) { node(id: $public) { ... on Activity { details application { id } account { name } } } }
  Activity.details | the line SUBMITTED | node/details |
  Activity.application | the line SUBMITTED | node/application |
  Activity.account | the line SUBMITTED, by the applicant | node/account |
query($internal: ID!) { node(id: $internal) { ... on Activity { details application { id } account { name } } } }
  Activity.details | the line HELD | node/details |
  Activity.application | the line HELD | node/application |
  Activity.account | the line HELD, by the colleague | node/account |
query($membership: ID!) { membership(id: $membership) { terms { endsBefore } organization { name owner { name } } application { id } } }
  Membership.terms | | membership/terms |
  Membership.organization | | membership/organization |
  Membership.organization | `owner` | membership/organization/owner |
  Membership.application | | membership/application |
query($program: ID!) { kpi(input: { key: APPLICATIONS_SOLVED, granularity: MONTH, from: \"2026-11-01\", to: \"2026-11-01\", programId: $program, groupBy: [PERSON] }) { values { value person { name } rows { nodes { application { id } person { name } clocks { teamMinutes } } } } } }
  KpiValue.value | | kpi/values/0/value | =
  KpiValue.person | | kpi/values/0/person |
  KpiRow.application | | kpi/values/0/rows/nodes/0/application |
  KpiRow.person | | kpi/values/0/rows/nodes/0/person |
  KpiRow.clocks | `teamMinutes` | kpi/values/0/rows/nodes/0/clocks/teamMinutes |
query($program: ID!, $revision: ID!) { program: node(id: $program) { id } revision: node(id: $revision) { id } }
  Query.node | a program | program |
  Query.node | a revision | revision |
query($public: ID!) { node(id: $public) { ... on Activity { impersonated impersonator { name } } } }
  Activity.impersonated | the line SUBMITTED | node/impersonated | =
  Activity.impersonator | nobody did | node/impersonator |
query($held: ID!, $draft: ID!, $evaluation: ID!) { held: node(id: $held) { id } draft: node(id: $draft) { id } evaluation: node(id: $evaluation) { id } }
  Query.node | an application | held |
  Query.node | a draft | draft |
  Query.node | an evaluation | evaluation |
query($organization: ID!, $member: ID!, $membership: ID!) { organization: node(id: $organization) { id } member: node(id: $member) { id } membership: node(id: $membership) { id } }
  Query.node | an applying organisation | organization |
  Query.node | a member | member |
  Query.node | a membership | membership |
query($applicant: ID!, $colleague: ID!, $public: ID!, $internal: ID!) { applicant: node(id: $applicant) { id } colleague: node(id: $colleague) { id } public: node(id: $public) { id } internal: node(id: $internal) { id } }
  Query.node | the applicant | applicant |
  Query.node | the colleague | colleague |
  Query.node | the line SUBMITTED | public |
  Query.node | the line HELD | internal |
";

/// What everybody read.
pub async fn rows(scene: &Scene) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut answers = Vec::new();
    for line in LOOKS.trim().lines() {
        let Some(look) = line.strip_prefix("  ") else {
            answers.clear();
            for (_, person) in PEOPLE {
                answers.push(scene.send(person, line).await);
            }
            continue;
        };
        let mut parts = look.split('|').map(str::trim);
        let mut part = || parts.next().unwrap_or_else(|| panic!("{line}"));
        let (field, case, at, how) = (part(), part(), part(), part());
        let cells = answers.iter().map(|answer| cell(answer, at, how)).collect();
        let field = field.to_owned();
        rows.push(Row { field, case, cells });
    }
    rows.sort_by(|a: &Row, b| a.field.cmp(&b.field));
    rows
}

fn cell(answer: &Value, at: &str, how: &str) -> String {
    if let Some(error) = answer["errors"].get(0) {
        return code(error.pointer("/extensions/code"), answer);
    }
    let mut here = &answer["data"];
    for step in at.split('/') {
        if here.is_null() {
            return "–".into();
        }
        here = match step.parse::<usize>() {
            Ok(place) => &here[place],
            Err(_) => &here[step],
        };
    }
    match (here, how.split_once(' ')) {
        (Value::Null, _) => "null".into(),
        (Value::Array(list), _) if list.is_empty() => "empty".into(),
        (Value::Array(list), Some((member, value))) => {
            let found = list.iter().any(|item| item[member] == value);
            if found { DONE } else { "left out" }.into()
        }
        (Value::String(text), None) if how == "=" => text.clone(),
        (value, None) if how == "=" => value.to_string(),
        _ => DONE.into(),
    }
}
