//! Applications that live by chance: the same chance in every run.

use chrono::TimeDelta;
use serde_json::json;
use stoa::operations::applications::{Command, Outcome};
use stoa::service::Failed;
use stoa_domain::Timestamp;
use stoa_domain::actor::Actor;
use stoa_domain::application::intake::Beginning;
use stoa_domain::application::{Act, Application, HoldCause, Kind, Status};
use stoa_domain::facts::Answers;
use stoa_domain::organization::Organization;
use stoa_domain::program::Rules;
use stoa_domain::program::rules::Switch;

use super::autumn::{clear, unclear};
use crate::support::{MONDAY, World, at, garden};

/// Nothing happens after this time.
pub const NOW: &str = "2027-03-05T12:00:00Z";

/// Numbers without a pattern that matters here.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn minutes(&mut self, limit: u64) -> TimeDelta {
        TimeDelta::minutes(self.below(limit).cast_signed())
    }
}

/// One application on its way.
struct Life<'a> {
    world: &'a World,
    chance: &'a mut Chance,
    team: &'static [&'static str],
    application: Application,
    ends: &'a mut Vec<Application>,
}

/// A world in which so many applications have lived, and every end that one of them came to.
pub async fn lives(count: u64) -> (World, Vec<Application>) {
    let rules = |rules: &mut Rules| {
        rules.automation.approve = Switch::On;
        rules.automation.decline = Switch::On;
        rules.capacity = None;
    };
    let world = World::with(rules).await;
    let mut orchard = garden();
    orchard.key = "orchard".into();
    orchard.name = "Orchards".into();
    rules(&mut orchard);
    orchard.automation.decline = Switch::Shadow;
    world.publish(orchard).await;
    let mut chance = Chance(42);
    let mut ends = Vec::new();
    for number in 0..count {
        live(&world, &mut chance, number, &mut ends).await;
    }
    (world, ends)
}

async fn live(world: &World, chance: &mut Chance, number: u64, ends: &mut Vec<Application>) {
    world
        .service
        .clock
        .set(at(MONDAY) + chance.minutes(100 * 24 * 60));
    let (program, team): (_, &[&str]) = match chance.below(3) {
        0 => ("orchard", &["specialist elsewhere", "operations manager"]),
        _ => (
            "garden",
            &["specialist", "program manager", "operations manager"],
        ),
    };
    let kind =
        [Kind::New, Kind::Renewal, Kind::Amendment][usize::try_from(chance.below(3)).unwrap()];
    let name = format!("Garden{number}");
    let mut given = match chance.below(4) {
        0 => clear(&name),
        _ => unclear(&name),
    };
    match chance.below(8) {
        0 => given["licence"] = json!("SSPL-1.0"),
        1 => given["licence"] = json!("the usual one"),
        2 => given["seats"] = json!(400),
        _ => {}
    }
    let application = draft(
        world,
        program,
        kind,
        &name,
        given.as_object().unwrap().clone(),
    )
    .await;
    let mut life = Life {
        world,
        chance,
        team,
        application,
        ends,
    };
    let applicant = world.actor("applicant");
    life.took(world.service.submit(life.command(&applicant)).await);
    while life.goes_on().await {}
}

async fn draft(
    world: &World,
    program: &str,
    kind: Kind,
    name: &str,
    values: serde_json::Map<String, serde_json::Value>,
) -> Application {
    let service = &world.service;
    let program = world.program(program).await;
    let program = service
        .store
        .view(&Actor::System)
        .program(program)
        .await
        .unwrap()
        .unwrap();
    let compiled = service.compiled(program.current).await.unwrap();
    let applicant = world.people["applicant"].id;
    let organization = Organization {
        id: service.clock.id(),
        name: name.to_owned(),
        domain: None,
        repository: None,
        owner: applicant,
        created_at: service.clock.now(),
    };
    let beginning = Beginning {
        id: service.clock.id(),
        kind,
        organization: organization.id,
        applicant,
        external_id: None,
    };
    let by = world.actor("applicant");
    let act = Act {
        by: &by,
        revision: &compiled.revision,
        now: service.clock.now(),
        seen: None,
    };
    let change = Application::create(beginning, &act).unwrap();
    let application = change.after.clone();
    let answers = Answers {
        values,
        ..Answers::default()
    };
    let record = (organization, (change, (application.id, answers)));
    service.store.commit(record).await.unwrap();
    application
}

impl Life<'_> {
    fn command<'a>(&self, by: &'a Actor) -> Command<'a> {
        Command {
            by,
            application: self.application.id,
            seen: None,
            written: None,
        }
    }

    fn took(&mut self, done: Result<Outcome, Failed>) {
        self.application = done.unwrap().application;
        if self.application.resolution.is_some() {
            self.ends.push(self.application.clone());
        }
    }

    /// Lets time pass; nothing if that would be too late.
    fn waits(&self, until: Timestamp) -> bool {
        self.world.service.clock.set(until);
        until < at(NOW)
    }

    fn colleague(&mut self) -> Actor {
        let index = self.chance.below(u64::try_from(self.team.len()).unwrap());
        self.world.actor(self.team[usize::try_from(index).unwrap()])
    }

    /// Takes one step, unless it rests where it is.
    async fn goes_on(&mut self) -> bool {
        let pause = self.chance.minutes(4 * 24 * 60);
        if !self.waits(self.world.service.clock.now() + pause) {
            return false;
        }
        let colleague = self.colleague();
        let applicant = self.world.actor("applicant");
        let world = self.world;
        let service = &world.service;
        let (by_team, by_owner) = (self.command(&colleague), self.command(&applicant));
        let done = match (self.application.status(), self.chance.below(10)) {
            (Status::InReview, 0 | 1) => {
                service
                    .carry_out(by_team, |it, compiled, act| {
                        it.ask("Who may use it?", Vec::new(), &compiled.form, act)
                    })
                    .await
            }
            (Status::InReview, 2 | 3) => {
                let cause = HoldCause::ThirdParty;
                service
                    .carry_out(by_team, |it, _, act| {
                        it.hold(cause, "The registry.", None, act)
                    })
                    .await
            }
            (Status::InReview, 4..=6) if self.application.limits().is_empty() => {
                service
                    .carry_out(by_team, |it, _, act| it.approve(None, act))
                    .await
            }
            (Status::InReview, 7) => {
                let reasons = vec!["COUNTRY".to_owned()];
                service
                    .carry_out(by_team, |it, _, act| it.decline(reasons, None, act))
                    .await
            }
            (Status::InReview, 8) => {
                service
                    .carry_out(by_owner, |it, _, act| it.withdraw(None, act))
                    .await
            }
            (Status::AwaitingApplicant, 0..=4) => service.reply("Everybody.", None, by_owner).await,
            (Status::AwaitingApplicant, 5..=8) => return self.expires().await,
            (Status::OnHold, 0..=7) => {
                service
                    .carry_out(by_team, |it, _, act| it.release(act))
                    .await
            }
            (Status::Declined | Status::Expired, 0..=5) => {
                service.reopen("Look again.", by_owner).await
            }
            _ => return false,
        };
        self.took(done);
        true
    }

    /// Lets the applicant stay silent until the end.
    async fn expires(&mut self) -> bool {
        while self.application.status() == Status::AwaitingApplicant {
            if !self.waits(self.application.wake_at.unwrap()) {
                return false;
            }
            let warned = self.application.warned_at.is_some();
            let command = self.command(&Actor::System);
            let done = self.world.service.carry_out(command, |it, _, act| {
                if warned { it.expire(act) } else { it.warn(act) }
            });
            let done = done.await;
            self.took(done);
        }
        true
    }
}
