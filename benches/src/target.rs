//! A server with everything it is asked.

use std::collections::HashMap;
use std::process::Command;

use serde_json::Value;

use crate::Result;
use crate::catalogue::Catalogue;
use crate::http::Connection;
use crate::load::fault;
use crate::requests::{Asker, Kind, Side};
use crate::server::{Server, free_address};
use crate::service::Stoa;

/// A server with everything it is asked.
pub struct Target {
    /// Which one.
    pub side: Side,
    /// The running server.
    pub server: Server,
    /// Its requests as bytes.
    pub requests: HashMap<Kind, Vec<Vec<u8>>>,
}

impl Target {
    /// The service, started.
    pub async fn service(stoa: &Stoa) -> Result<Self> {
        let address = free_address()?;
        Ok(Self {
            side: Side::Service,
            server: Server::start(stoa.serve(address), address).await?,
            requests: HashMap::new(),
        })
    }

    /// The floor, started: it is this binary, as a process of its own.
    pub async fn floor(database_url: &str) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["floor", "--listen", &address.to_string()])
            .args(["--database-url", database_url]);
        Ok(Self {
            side: Side::Floor,
            server: Server::start(command, address).await?,
            requests: HashMap::new(),
        })
    }

    /// Makes the requests of these kinds.
    pub async fn learn(
        &mut self,
        kinds: &[Kind],
        catalogue: &Catalogue,
        asker: &Asker,
    ) -> Result<()> {
        let mut connection = Connection::open(self.server.address).await?;
        for kind in kinds {
            let variables = catalogue.variables(*kind, self.side, asker, &mut connection);
            let requests = variables.await?;
            let requests = requests.iter();
            let requests = requests.map(|it| self.side.request(*kind, it, asker));
            let requests = requests.collect();
            self.requests.insert(*kind, requests);
        }
        Ok(())
    }

    /// Answers to so many requests of a kind, taken from all of them; a fault is an error.
    pub async fn answers(&self, kind: Kind, count: usize) -> Result<Vec<Value>> {
        let requests = self.requests.get(&kind).map_or(&[][..], Vec::as_slice);
        let step = requests.len().div_ceil(count).max(1);
        let mut connection = Connection::open(self.server.address).await?;
        let mut answers = Vec::new();
        for request in requests.iter().step_by(step) {
            let answer = connection.ask(request).await?;
            if let Some(fault) = fault(&answer) {
                let (kind, side) = (kind.name(), self.side.name());
                return Err(format!("{kind}: the {side} answered with {fault}").into());
            }
            answers.push(serde_json::from_slice(answer.body)?);
        }
        Ok(answers)
    }
}
