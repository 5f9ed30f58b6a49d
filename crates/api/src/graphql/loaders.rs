//! Reads by id: the ids that one request asks for become one statement a kind, seen as the one who asks.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::async_trait::async_trait;
use async_graphql::dataloader::Loader;
use stoa_domain::account::Account;
use stoa_domain::application::Application;
use stoa_domain::criteria::Evaluation;
use stoa_domain::facts::Answers;
use stoa_domain::id::Id;
use stoa_domain::membership::Membership;
use stoa_domain::organization::Organization;
use stoa_domain::program::Program;
use stoa_persistence::View;

use super::error::Failure;

/// Reads by id for one request.
pub struct Loaders {
    pub(super) view: View,
}

/// The answers of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswersOf(pub Id<Application>);

/// The membership that an application led to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MembershipOf(pub Id<Application>);

#[async_trait]
impl Loader<Id<Program>> for Loaders {
    type Value = Arc<Program>;
    type Error = Failure;

    async fn load(
        &self,
        ids: &[Id<Program>],
    ) -> Result<HashMap<Id<Program>, Arc<Program>>, Failure> {
        let found = self.view.programs_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, Arc::new(it))).collect())
    }
}

#[async_trait]
impl Loader<Id<Organization>> for Loaders {
    type Value = Arc<Organization>;
    type Error = Failure;

    async fn load(
        &self,
        ids: &[Id<Organization>],
    ) -> Result<HashMap<Id<Organization>, Arc<Organization>>, Failure> {
        let found = self.view.organizations_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, Arc::new(it))).collect())
    }
}

#[async_trait]
impl Loader<Id<Account>> for Loaders {
    type Value = Arc<Account>;
    type Error = Failure;

    async fn load(
        &self,
        ids: &[Id<Account>],
    ) -> Result<HashMap<Id<Account>, Arc<Account>>, Failure> {
        let found = self.view.accounts_by_id(ids).await?;
        Ok(found.into_iter().map(|it| (it.id, Arc::new(it))).collect())
    }
}

#[async_trait]
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

#[async_trait]
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

#[async_trait]
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

#[async_trait]
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
