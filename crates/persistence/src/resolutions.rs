//! Ends of applications: the rows that indicators count.

use sea_orm::ActiveValue::Set;
use stoa_domain::application::{Application, Resolution};
use stoa_domain::id::Id;

use crate::entity::resolutions::ActiveModel;
use crate::row::name;

pub(crate) fn to_row(application: &Application, end: &Resolution) -> ActiveModel {
    ActiveModel {
        application_id: Set(application.id.uuid()),
        version: Set(application.version),
        program_id: Set(application.program.uuid()),
        kind: Set(name(&application.kind)),
        outcome: Set(name(&end.outcome)),
        mode: Set(name(&end.mode)),
        person_id: Set(end.person.map(Id::uuid)),
        at: Set(end.at),
        elapsed: Set(end.elapsed),
        promise: Set(end.promise),
        team: Set(end.team),
        within_promise: Set(end.within_promise),
        manual_steps: Set(end.manual_steps),
        eligibility_automated: Set(end.eligibility_automated),
    }
}
