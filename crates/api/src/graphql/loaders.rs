//! Reads by id: the ids that one request asks for become one statement a kind, seen as the one who asks.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::criteria::Evaluation;
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;
use stoa_domain::program::{Program, Revision};
use stoa_persistence::View;

use super::error::Failure;
use crate::service::{Compiled, Service};

/// Reads by id for one request.
pub struct Loaders {
    pub(super) view: View,
    pub(super) service: Service,
}

/// The answers of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswersOf(pub Id<Application>);

/// The membership that an application led to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MembershipOf(pub Id<Application>);

impl Loader<Id<Program>> for Loaders {
    type Value = Program;
    type Error = Failure;

    async fn load(&self, ids: &[Id<Program>]) -> Result<HashMap<Id<Program>, Program>, Failure> {
        let found = self.view.programs_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, it)).collect())
    }
}

impl Loader<Id<Revision>> for Loaders {
    type Value = Arc<Compiled>;
    type Error = Failure;

    /// Revisions are few and never change: the process keeps them.
    async fn load(
        &self,
        ids: &[Id<Revision>],
    ) -> Result<HashMap<Id<Revision>, Arc<Compiled>>, Failure> {
        let mut found = HashMap::new();
        for id in ids {
            found.insert(*id, self.service.compiled(*id).await?);
        }
        Ok(found)
    }
}

impl Loader<Id<Organization>> for Loaders {
    type Value = Organization;
    type Error = Failure;

    async fn load(
        &self,
        ids: &[Id<Organization>],
    ) -> Result<HashMap<Id<Organization>, Organization>, Failure> {
        let found = self.view.organizations_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, it)).collect())
    }
}

impl Loader<Id<Account>> for Loaders {
    type Value = Account;
    type Error = Failure;

    async fn load(&self, ids: &[Id<Account>]) -> Result<HashMap<Id<Account>, Account>, Failure> {
        let found = self.view.accounts_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, it)).collect())
    }
}

impl Loader<Id<Application>> for Loaders {
    type Value = Application;
    type Error = Failure;

    async fn load(
        &self,
        ids: &[Id<Application>],
    ) -> Result<HashMap<Id<Application>, Application>, Failure> {
        let found = self.view.applications_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, it)).collect())
    }
}

impl Loader<Id<Evaluation>> for Loaders {
    type Value = Evaluation;
    type Error = Failure;

    async fn load(
        &self,
        ids: &[Id<Evaluation>],
    ) -> Result<HashMap<Id<Evaluation>, Evaluation>, Failure> {
        let found = self.view.evaluations_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, it)).collect())
    }
}

impl Loader<AnswersOf> for Loaders {
    type Value = Answers;
    type Error = Failure;

    async fn load(&self, keys: &[AnswersOf]) -> Result<HashMap<AnswersOf, Answers>, Failure> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.view.answers_by_application(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, answers)| (AnswersOf(id), answers))
            .collect())
    }
}

impl Loader<MembershipOf> for Loaders {
    type Value = Membership;
    type Error = Failure;

    async fn load(
        &self,
        keys: &[MembershipOf],
    ) -> Result<HashMap<MembershipOf, Membership>, Failure> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.view.memberships_by_application(&ids).await?;
        Ok(found
            .into_iter()
            .map(|it| (MembershipOf(it.application), it))
            .collect())
    }
}
