//! A server that the scenario starts, waits for, and ends.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Result;
use crate::http::{self, Connection};

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a server may take to end when it is asked to: what it was measured by is written then.
const GRACE: Duration = Duration::from_secs(20);
/// How long to wait before it is asked again.
const PAUSE: Duration = Duration::from_millis(2);

/// A running server. Dropping it ends it.
pub struct Server {
    /// Where it answers.
    pub address: SocketAddr,
    /// How long it took from its start to its first `ready`.
    pub ready_after: Duration,
    child: Child,
}

impl Server {
    /// Starts a server that was told to listen on this address, and waits until it is ready.
    pub async fn start(mut command: Command, address: SocketAddr) -> Result<Self> {
        let began = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("{command:?} cannot be started: {error}"))?;
        let mut server = Self {
            address,
            ready_after: Duration::ZERO,
            child,
        };
        while !is_ready(address).await {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("{command:?} ended at once: {status}").into());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("{command:?} was not ready in time").into());
            }
            tokio::time::sleep(PAUSE).await;
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    fn ask_to_end(&self) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ask_to_end();
        let asked = Instant::now();
        while let Ok(None) = self.child.try_wait() {
            if asked.elapsed() > GRACE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// An address of this machine that nobody listens on now.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut connection = Connection::open(address).await?;
        let answer = connection.ask(&http::get("/readyz")).await?;
        Result::Ok(answer.status == 200)
    };
    asked.await.unwrap_or(false)
}
