//! The service, by its command line: nothing else of it is known here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use crate::Result;

/// Whose requests are measured: a specialist of all programs.
pub const EMAIL: &str = "specialist@bench.example";
/// The secret of every process of the service in a run.
const KEY: &str = "a secret for measurements, worth nothing";
/// The budget stays on, and is never used up: cost a second, and at once.
const RATE: &str = "100000000:1000000000";
/// Database connections; the floor has as many.
const CONNECTIONS: &str = "8";

/// The service's binary, and what it publishes.
#[derive(Args)]
pub struct Setup {
    /// The service's binary.
    #[arg(long, default_value = "target/release/stoa")]
    pub stoa: PathBuf,
    /// Folder with the programs to publish.
    #[arg(long, default_value = "programs")]
    pub programs: PathBuf,
}

/// The binary over one database.
pub struct Stoa {
    binary: PathBuf,
    database_url: String,
}

impl Setup {
    /// The binary over this database, with its schema and programs.
    pub fn over(&self, database_url: &str) -> Result<Stoa> {
        let stoa = Stoa::new(&self.stoa, database_url)?;
        stoa.prepare(&self.programs)?;
        Ok(stoa)
    }
}

impl Stoa {
    fn new(binary: &Path, database_url: &str) -> Result<Self> {
        if !binary.is_file() {
            return Err(format!(
                "{} is missing: cargo build --release, or name another with --stoa",
                binary.display()
            )
            .into());
        }
        Ok(Self {
            binary: binary.to_owned(),
            database_url: database_url.to_owned(),
        })
    }

    /// Makes the schema, publishes the programs, and makes the account that asks. All of it can be
    /// done again.
    fn prepare(&self, programs: &Path) -> Result<()> {
        self.run(self.command().arg("migrate"))?;
        self.run(self.command().args(["programs", "apply"]).arg(programs))?;
        let account = ["accounts", "add", "--name", "Bench Specialist"];
        let role = ["--email", EMAIL, "--role", "SPECIALIST"];
        self.run(self.command().args(account).args(role))?;
        Ok(())
    }

    /// A token of that account, good for longer than any run.
    pub fn token(&self) -> Result<String> {
        let printed = self.run(self.command().args(["token", EMAIL, "--hours", "24"]))?;
        Ok(printed.trim().to_owned())
    }

    /// The command that serves.
    pub fn serve(&self, address: SocketAddr) -> Command {
        let mut command = self.command();
        command
            .args(["serve", "--listen", &address.to_string()])
            .args(["--database-connections", CONNECTIONS])
            .args(["--account-rate", RATE, "--address-rate", RATE])
            .args(["--log", "warn"]);
        command
    }

    /// The command that imports a file of applications.
    pub fn import(&self, program: &str, file: &Path, rejects: &Path) -> Command {
        let mut command = self.command();
        command
            .args(["import", "applications", "--program", program])
            .arg(file)
            .arg("--rejects")
            .arg(rejects)
            .stdout(Stdio::null());
        command
    }

    /// The size of the binary, in bytes.
    pub fn size(&self) -> Result<u64> {
        Ok(std::fs::metadata(&self.binary)?.len())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .env("STOA_DATABASE_URL", &self.database_url)
            .env("STOA_TOKEN_KEY", KEY)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end and takes what it prints.
    fn run(&self, command: &mut Command) -> Result<String> {
        let done = command.output()?;
        if done.status.success() {
            return Ok(String::from_utf8(done.stdout)?);
        }
        let said = String::from_utf8_lossy(&done.stderr);
        let binary = self.binary.display();
        Err(format!("{binary} failed: {}", said.trim()).into())
    }
}
