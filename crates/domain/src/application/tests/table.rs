//! Where each command leads.

use super::*;

#[test]
fn the_transition_table_in_the_documentation_is_what_the_code_does() {
    let desk = Desk::new();
    let heads = Action::ALL.map(|action| name(action).to_lowercase().replace('_', " "));
    let mut table = vec![
        row("from \\ command", &heads),
        "|---".repeat(Action::ALL.len() + 1) + "|",
    ];
    for status in Status::ALL {
        let cells = Action::ALL.map(|action| cell(&desk, status, action));
        table.push(row(&name(status), &cells));
    }
    let documented: Vec<_> = include_str!("../mod.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .filter(|line| line.starts_with('|'))
        .map(|line| line.replace('`', ""))
        .collect();
    assert_eq!(documented.join("\n"), table.join("\n"));
}

fn row(head: &str, cells: &[String]) -> String {
    format!("| {head} | {} |", cells.join(" | "))
}

fn cell(desk: &Desk, status: Status, action: Action) -> String {
    // A second person is only asked where a limit is passed, and silence only ends what was warned of.
    let input = match action {
        Action::ApproveDecision if status == Status::AwaitingApproval => over_a_limit(),
        _ => Input::default(),
    };
    let mut application = desk.in_state(status, &input);
    if action == Action::Unassign {
        application.assignee = Some(SPECIALIST);
    }
    let mut now = at("01-05T12:00");
    if action == Action::Expire {
        let warned = application.clone().warn(&desk.act(&Actor::System, now));
        application = warned.map_or(application, |warned| warned.after);
        now = application.deadline_at.unwrap_or(now);
    }
    let by = somebody_who_may(action);
    match desk.run(application, action, &input, &desk.act(&by, now)) {
        Ok(change) if change.after.status() == status => "=".to_owned(),
        Ok(change) => name(change.after.status()),
        Err(refusal) => {
            let status = match status {
                // The owner does not learn of these.
                Status::OnHold | Status::AwaitingApproval if by == owner() => Status::InReview,
                status => status,
            };
            assert_eq!(refusal, Refusal::WrongState { action, status });
            "·".to_owned()
        }
    }
}

#[test]
fn a_published_decision_leads_to_the_outcome_that_was_proposed() {
    let desk = Desk::new();
    for (outcome, status) in [
        (Outcome::Approve, Status::Approved),
        (Outcome::Decline, Status::Declined),
    ] {
        let input = Input {
            outcome,
            ..Input::default()
        };
        let proposed = desk.in_state(Status::AwaitingApproval, &input);
        let published = desk.done(proposed, Action::Publish, "01-05T12:00").after;
        assert_eq!(published.status(), status);
    }
}

#[test]
fn a_refused_command_names_the_states_in_which_it_is_possible() {
    let desk = Desk::new();
    let declined = desk.in_state(Status::Declined, &Input::default());
    let by = specialist();
    let refusal = declined
        .release(&desk.act(&by, at("01-06T09:00")))
        .unwrap_err();
    assert_eq!(
        refusal.message(),
        "Releasing is not possible while the application is declined; it is possible in: on hold."
    );
}
