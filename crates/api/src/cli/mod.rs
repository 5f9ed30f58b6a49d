//! Commands of the binary. What a person reads goes to standard output; logs go to standard error.

mod accounts;
mod demo;
mod doctor;
mod programs;
mod schema;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use stoa_domain::account::Kind;
use stoa_domain::actor::{Actor, Role};
use stoa_persistence::{Options, Store, StoreError};

use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::operations::import;
use crate::service::Service;
use crate::telemetry;

/// The backend of community programs, from the first application to the tenth renewal.
#[derive(Parser, Debug)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the API.
    Serve,
    /// Serve the API with ready programs and real applications to try it on; needs nothing else.
    Demo {
        /// Write the address and a token of each role here, as JSON, once it serves.
        #[arg(long, env = "STOA_READY_FILE")]
        ready_file: Option<PathBuf>,
        /// Applications to import, as JSON lines.
        #[arg(long, default_value = "demo/projects.jsonl")]
        data: PathBuf,
    },
    /// Bring the database's schema up to date.
    Migrate,
    /// Check and publish programs.
    Programs {
        #[command(subcommand)]
        command: Programs,
    },
    /// Bring data in.
    Import {
        #[command(subcommand)]
        command: Import,
    },
    /// Load registries that verifiers look things up in.
    Registries {
        #[command(subcommand)]
        command: Registries,
    },
    /// Make accounts: the first administrator, for example.
    Accounts {
        #[command(subcommand)]
        command: Accounts,
    },
    /// Print a token for an account.
    Token {
        /// The account's mail address.
        email: String,
        /// Hours it is good for, 1 to 744.
        #[arg(long, default_value_t = 12)]
        hours: i64,
    },
    /// Print the GraphQL schema, or compare it with an older one.
    Schema {
        #[command(subcommand)]
        command: Option<Schemas>,
    },
    /// Ask a running service whether it is ready; for container health checks.
    Healthcheck,
    /// Examine this deployment and say everything that is to be mended; changes nothing.
    Doctor {
        /// Say it as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand, Debug)]
enum Schemas {
    /// Tell every change since an older schema, and fail if one breaks clients without a warning.
    Diff {
        /// The older schema, a file.
        old: PathBuf,
        /// The newer one; this binary's own if left out.
        new: Option<PathBuf>,
    },
}

#[derive(Subcommand, Debug)]
enum Programs {
    /// Report every mistake in a program's files, with file and line.
    Check {
        /// Directories of programs, or a directory of such.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Publish programs whose rules changed as new revisions.
    Apply {
        /// Directories of programs, or a directory of such.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

#[derive(Subcommand, Debug)]
enum Import {
    /// Import applications; those whose external id exists are left alone, so it can be run again.
    Applications {
        /// The file.
        file: PathBuf,
        /// Key of the program they are for.
        #[arg(long)]
        program: String,
        /// How it is written; by the file's ending if left out.
        #[arg(long)]
        format: Option<import::Format>,
        /// TOML file that maps columns to form fields.
        #[arg(long)]
        mapping: Option<PathBuf>,
        /// Where refused rows go; beside the file if left out.
        #[arg(long)]
        rejects: Option<PathBuf>,
        /// Do everything but write.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand, Debug)]
enum Registries {
    /// Load academic domains, in the format of swot or of the university domains list.
    Load {
        /// Which registry.
        registry: Registry,
        /// The file.
        file: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Registry {
    AcademicDomains,
}

#[derive(Subcommand, Debug)]
enum Accounts {
    /// Make an account with a role.
    Add {
        /// The name people read.
        #[arg(long)]
        name: String,
        /// The mail address.
        #[arg(long)]
        email: String,
        /// Its role, e.g. ADMIN or SPECIALIST; an applicant has none.
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// Key of the program the role is for; every program if left out.
        #[arg(long)]
        program: Option<String>,
    },
    /// Give somebody of the team a password. It is asked for, or read from standard input: one line.
    Password {
        /// The account's mail address.
        email: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let known: Vec<String> = Role::ALL.iter().map(|role| spelled(*role)).collect();
    Role::ALL
        .into_iter()
        .find(|role| spelled(*role).eq_ignore_ascii_case(text))
        .ok_or_else(|| format!("known roles are {}", known.join(", ")))
}

fn spelled(role: Role) -> String {
    serde_json::to_value(role)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

const fn kind_for(role: Option<Role>) -> Kind {
    match role {
        None => Kind::Applicant,
        Some(role) if role.is_for_integrations() => Kind::Integration,
        Some(_) => Kind::Staff,
    }
}

/// What a command could not do, in words for the operator.
#[derive(Debug)]
pub struct Problem(String);

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self(format!("The database: {error}"))
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Database connections of an import: one writes, one looks up what the next rows need, and one is spare.
const IMPORTING: u32 = 3;

/// The whole program: what the command line asks for, and what went wrong. It is here and not in the
/// binary, which would compile all of it a second time.
#[tokio::main]
pub async fn main() -> ExitCode {
    match Box::pin(run(Cli::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command.
async fn run(cli: Cli) -> Result<(), Problem> {
    match &cli.command {
        Command::Schema { command: None } => {
            schema::print();
            return Ok(());
        }
        Command::Schema {
            command: Some(Schemas::Diff { old, new }),
        } => return schema::diff(old, new.as_deref()),
        Command::Programs {
            command: Programs::Check { paths },
        } => return programs::check(paths),
        Command::Healthcheck => return serve::healthcheck(&cli.settings).await,
        Command::Doctor { json } => {
            let known = variables(&Cli::command());
            return doctor::doctor(&cli.settings, &known, *json).await;
        }
        _ => {}
    }
    let demo = matches!(cli.command, Command::Demo { .. });
    let config = Config::read(&cli.settings, demo);
    let mut config = config.map_err(|wrong| Problem(wrong.to_string()))?;
    if matches!(cli.command, Command::Import { .. }) {
        config.connections = config.connections.min(IMPORTING);
    }
    telemetry::start(&config);
    let service = open(&config).await?;
    match cli.command {
        Command::Serve => serve::serve(&config, service).await,
        Command::Demo { ready_file, data } => {
            demo::demo(&config, service, ready_file.as_deref(), &data).await
        }
        Command::Programs {
            command: Programs::Apply { paths },
        } => programs::apply(&service, &paths).await,
        Command::Registries {
            command:
                Registries::Load {
                    registry: Registry::AcademicDomains,
                    file,
                },
        } => programs::load_academic_domains(&service, &std::fs::read_to_string(&file)?).await,
        Command::Accounts {
            command:
                Accounts::Add {
                    name,
                    email,
                    role,
                    program,
                },
        } => accounts::add(&service, &name, &email, role, program.as_deref()).await,
        Command::Accounts {
            command: Accounts::Password { email },
        } => accounts::password(&service, &email).await,
        Command::Token { email, hours } => accounts::token(&service, &email, hours).await,
        Command::Import { command } => import(&service, command).await,
        Command::Migrate
        | Command::Schema { .. }
        | Command::Healthcheck
        | Command::Doctor { .. }
        | Command::Programs { .. } => {
            println!("The schema is up to date.");
            Ok(())
        }
    }
}

/// Every variable that a command or one below it reads.
fn variables(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(clap::Arg::get_env);
    let own = own.map(|name| name.to_string_lossy().into_owned());
    own.chain(command.get_subcommands().flat_map(variables))
        .collect()
}

/// The service over an up-to-date database.
async fn open(config: &Config) -> Result<Service, Problem> {
    let store = Store::connect(&Options {
        url: config.database_url.clone(),
        connections: config.connections,
    })
    .await?;
    store.migrate().await?;
    let entrance = Arc::clone(&config.entrance);
    Ok(Service::new(
        store,
        Clock::real(),
        config.keys.clone(),
        entrance,
    ))
}

async fn import(service: &Service, command: Import) -> Result<(), Problem> {
    let Import::Applications {
        file,
        program,
        format,
        mapping,
        rejects,
        dry_run,
    } = command;
    let import = import::Import {
        file: &file,
        format,
        dry_run,
        mapping: mapping.as_deref(),
        rejects: rejects.as_deref(),
    };
    import_file(service, &program, import).await
}

/// Imports a file of applications and says what came of it.
async fn import_file(
    service: &Service,
    program: &str,
    import: import::Import<'_>,
) -> Result<(), Problem> {
    let view = service.store.view(&Actor::System);
    let found = view.program_by_key(program).await?;
    let found = found.ok_or_else(|| {
        Problem(format!(
            "There is no program {program:?}. Publish it first: stoa programs apply programs/{program}"
        ))
    })?;
    let report = service.import(&Actor::System, &found, import).await;
    println!("{}", report.map_err(|error| Problem(error.to_string()))?);
    Ok(())
}
