//! A private cluster: made for one run, and removed after it.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::scratch::Scratch;
use crate::{Failure, Result};

/// What differs from a fresh cluster. Nothing is kept after the run, so nothing need reach the disk;
/// vacuuming by itself would fall into one measurement and not into another.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 60
shared_buffers = 512MB
max_wal_size = 4GB
fsync = off
synchronous_commit = off
autovacuum = off
";

/// A running cluster.
pub struct Cluster {
    binaries: PathBuf,
    port: u16,
    folder: Scratch,
}

impl Cluster {
    /// Makes a cluster in a temporary folder and starts it.
    pub fn start() -> Result<Self> {
        let cluster = Self {
            binaries: binaries()?,
            port: TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
            folder: Scratch::new("postgres")?,
        };
        if is_root() {
            carry_out(
                Command::new("chown")
                    .args(["-R", "postgres:"])
                    .arg(cluster.folder.path()),
            )?;
        }
        carry_out(
            cluster
                .program("initdb")
                .args(["-U", "postgres", "--auth=trust", "--no-sync"])
                .args(["--encoding=UTF8", "--locale=C.UTF-8"]),
        )?;
        let mut settings = std::fs::OpenOptions::new()
            .append(true)
            .open(cluster.data().join("postgresql.conf"))?;
        settings.write_all(SETTINGS.as_bytes())?;
        let sockets = cluster.folder.path().display();
        writeln!(settings, "unix_socket_directories = '{sockets}'")?;
        carry_out(
            cluster
                .program("pg_ctl")
                .arg("-l")
                .arg(cluster.folder.path().join("postgres.log"))
                .args(["-o", &format!("-p {}", cluster.port)])
                .args(["-w", "-t", "60", "start"])
                // The server inherits what this has, and a pipe would never end.
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )?;
        Ok(cluster)
    }

    /// The address of its one database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of `PostgreSQL` over this cluster. None of them runs as root.
    fn program(&self, name: &str) -> Command {
        let program = self.binaries.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // Where the caller stands, another user may not look.
        command.current_dir("/").arg("-D").arg(self.data());
        command.stdin(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        // What is not stopped here loses its files and ends by itself.
        let _ = stop
            .args(["-m", "immediate", "-w", "stop"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder with the server's programs.
fn binaries() -> Result<PathBuf> {
    let asked = Command::new("pg_config").arg("--bindir").output();
    let named = asked
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|text| PathBuf::from(text.trim()));
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let mut installed: Vec<PathBuf> = installed
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    installed.sort();
    named
        .into_iter()
        .chain(installed.into_iter().rev())
        .find(|folder| has_server(folder))
        .ok_or_else(|| {
            Failure::from("PostgreSQL's server (initdb, pg_ctl) was not found; install it, or give --database-url")
        })
}

fn has_server(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("pg_ctl").is_file()
}

fn carry_out(command: &mut Command) -> Result<()> {
    let done = command.output()?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("{command:?} failed: {}", said.trim()).into())
}
