//! The demo: an embedded database, the ready programs, real projects as applicants, a token for
//! every role, and the service.

use std::path::Path;

use serde_json::json;
use stoa_domain::account::Account;
use stoa_domain::actor::{Actor, Role};
use stoa_domain::verifiers::academic;
use stoa_persistence::page::Page;

use super::{Problem, accounts, programs, serve};
use crate::budget::shape::Shape;
use crate::config::Config;
use crate::operations::import::{Format, Import};
use crate::service::Service;

/// The first account that the demo makes: by it, it knows its own database again.
const MARK: &str = "demo.mark";
const MARK_NAME: &str = "Demo database";
/// How long the demo's tokens are good for.
const HOURS: i64 = 12;
/// The program that the demo's applications are for.
const PROGRAM: &str = "open-source";

/// Prepares everything, serves it, and says what to try.
pub async fn demo(
    config: &Config,
    service: Service,
    ready_file: Option<&Path>,
    data: &Path,
) -> Result<(), Problem> {
    let stop = serve::told_to_stop();
    own_database(&service).await?;
    let listener = serve::listen(config).await?;
    accounts::with_role(
        &service,
        MARK_NAME,
        &format!("{MARK}@example.org"),
        None,
        None,
    )
    .await?;
    println!("Programs");
    programs::apply(&service, std::slice::from_ref(&config.programs)).await?;
    println!("\nRegistry of academic domains");
    programs::load_academic_domains(&service, academic::BUILT_IN).await?;
    println!("\nApplications from {}", data.display());
    let rejects = std::env::temp_dir().join("stoa-demo.rejects.csv");
    let import = Import {
        file: data,
        format: Some(Format::Jsonl),
        dry_run: false,
        mapping: None,
        rejects: Some(&rejects),
    };
    super::import_file(&service, PROGRAM, import).await?;
    let tokens = tokens(&service).await?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("\nTokens, good for 12 hours");
    for (role, token) in &tokens {
        println!("  {role:19} {token}");
    }
    print_queries(&url, &tokens, config.bounds.explorer.is_some());
    // Takes a moment; who finds the file below should not have to wait for it.
    Shape::ours();
    if let Some(path) = ready_file {
        let tokens: serde_json::Map<_, _> = tokens
            .iter()
            .map(|(role, token)| ((*role).to_owned(), json!(token)))
            .collect();
        write_whole(path, &json!({ "url": url, "tokens": tokens }).to_string())?;
    }
    serve::answer(listener, config, service, stop).await
}

/// The demo makes accounts with every role and publishes programs: never in somebody's real database.
async fn own_database(service: &Service) -> Result<(), Problem> {
    let view = service.store.view(&Actor::System);
    let empty = view.accounts(&Page::first(1)).await?.items.is_empty();
    let email = format!("{MARK}@example.org");
    let mark = view.account_by_email(&email).await?;
    if empty || mark.is_some_and(|account| account.name == MARK_NAME) {
        return Ok(());
    }
    Err(Problem(
        "This database has accounts that are not the demo's. Give the demo an empty one with --database-url, or none.".into(),
    ))
}

/// Whoever waits for the file must never read half of it.
fn write_whole(path: &Path, text: &str) -> Result<(), Problem> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    std::fs::write(&beside, text)?;
    Ok(std::fs::rename(&beside, path)?)
}

async fn tokens(service: &Service) -> Result<Vec<(&'static str, String)>, Problem> {
    let roles: [(&str, &str, &[Role], Option<&str>); 6] = [
        (
            "specialist",
            "Demo Specialist",
            &[Role::Specialist],
            Some(PROGRAM),
        ),
        (
            "program_manager",
            "Demo Program Manager",
            &[Role::ProgramManager],
            Some(PROGRAM),
        ),
        (
            "operations_manager",
            "Demo Operations Manager",
            &[Role::OperationsManager],
            None,
        ),
        ("observer", "Demo Observer", &[Role::Observer], None),
        (
            "integration",
            "Demo Integration",
            &[Role::MemberReader, Role::FeedReader, Role::Importer],
            None,
        ),
        ("admin", "Demo Administrator", &[Role::Admin], None),
    ];
    let mut tokens = vec![(
        "applicant",
        accounts::mint(service, &applicant(service).await?, HOURS).await?,
    )];
    for (key, name, held, program) in roles {
        let email = format!("{}@example.org", key.replace('_', "."));
        let mut account = None;
        for role in held {
            account = Some(accounts::with_role(service, name, &email, Some(*role), program).await?);
        }
        if let Some(account) = account {
            tokens.push((key, accounts::mint(service, &account, HOURS).await?));
        }
    }
    Ok(tokens)
}

/// Somebody whose application waits for people, so that there is something to see.
async fn applicant(service: &Service) -> Result<Account, Problem> {
    use stoa_domain::application::Status;
    use stoa_persistence::{ApplicationFilter, ApplicationOrder};
    let view = service.store.view(&Actor::System);
    let filter = ApplicationFilter {
        statuses: Some(vec![Status::InReview]),
        ..ApplicationFilter::default()
    };
    let waiting = view
        .applications(&filter, ApplicationOrder::OldestFirst, &Page::first(1))
        .await?;
    if let Some((_, application)) = waiting.items.into_iter().next()
        && let Some(account) = view.account(application.applicant).await?
    {
        return Ok(account);
    }
    accounts::with_role(
        service,
        "Demo Applicant",
        "applicant@example.org",
        None,
        None,
    )
    .await
}

fn print_queries(url: &str, tokens: &[(&'static str, String)], explorer: bool) {
    let queries = [
        (
            "specialist",
            "{ applications(filter: { statuses: [IN_REVIEW] }, order: DUE_FIRST, first: 3) { totalCount nodes { organization { name } promise { dueAt businessDaysLeft } evaluation { recommendation findings { criterion outcome } } } } }",
        ),
        (
            "applicant",
            "{ applications(first: 1) { nodes { status promise { dueAt businessDaysLeft } availableActions { action allowed } } } }",
        ),
        (
            "operations_manager",
            "{ kpi(input: { key: AUTOMATED_SHARE, granularity: MONTH, from: \\\"TODAY\\\", to: \\\"TODAY\\\" }) { values { value numerator denominator health } } }",
        ),
    ];
    println!("\nServing on {url}");
    if explorer {
        println!("  In a browser: {url}/graphiql (paste a token there)");
    }
    println!("\nThree queries to try");
    let today = crate::clock::Clock::real()
        .now()
        .format("%Y-%m-%d")
        .to_string();
    for (role, query) in queries {
        let token = tokens.iter().find(|(key, _)| *key == role);
        let token = token.map(|(_, token)| token.as_str()).unwrap_or_default();
        println!(
            "\n  as {role}:\n  curl -s {url}/graphql -H 'Content-Type: application/json' -H 'Authorization: Bearer {token}' -d '{{\"query\":\"{}\"}}'",
            query.replace("TODAY", &today)
        );
    }
    println!("\nStop with Ctrl-C.");
}
