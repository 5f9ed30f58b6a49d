//! Types of the schema that tests need to write documents.

/// The input type of a mutation on an application.
pub fn input_type(mutation: &str) -> String {
    match mutation {
        "submitApplication"
        | "evaluateApplication"
        | "claimApplication"
        | "unassignApplication"
        | "releaseApplication"
        | "approveDecision"
        | "publishDecision"
        | "waitlistApplication"
        | "offerPlace" => "ApplicationCommandInput".into(),
        other => {
            let (head, tail) = other.split_at(1);
            format!("{}{tail}Input", head.to_uppercase())
        }
    }
}
