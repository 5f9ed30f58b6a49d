//! The life of an application, told by the commands of the domain: what they make of it is what the
//! service would have written.

use std::ops::Range;

use chrono::TimeDelta;
use serde_json::json;
use stoa_domain::Timestamp;
use stoa_domain::actor::{Actor, Means};
use stoa_domain::application::intake::Beginning;
use stoa_domain::application::{
    Act, Application, Duty, Entered, HoldCause, Kind, Refusal, State, Status,
};
use stoa_domain::change::{Activity, Change, Subject, Verb};
use stoa_domain::criteria::{Evaluation, Recommendation};
use stoa_domain::facts::Answers;
use stoa_domain::membership::Membership;

use super::Batch;
use super::answers::answers;
use super::dice::{Dice, Purpose, id};
use super::judgement::{judged, reasons};
use super::outlook::Outlook;
use super::rows::{Answered, Ended, Logged};
use super::world::{Offer, World};
use crate::{Failure, Result};

/// Places in the log that an application has to itself. Lines may have gaps.
const LINES: u64 = 8;

/// An application so far.
struct Story<'a> {
    offer: &'a Offer,
    applicant: Actor,
    application: Application,
    answers: Answers,
    lines: Vec<Activity>,
    now: Timestamp,
    dice: Dice,
}

/// The rows of some applications.
pub fn batch(world: &World, numbers: Range<u64>) -> Result<Batch> {
    let mut batch = Batch::default();
    for number in numbers {
        add(world, number, &mut batch)?;
    }
    Ok(batch)
}

fn add(world: &World, number: u64, batch: &mut Batch) -> Result<()> {
    let mut story = Story::begin(world, number)?;
    let outlook = story.outlook(number / world.organizations(), world);
    let place = usize::try_from(number).unwrap_or_default() % world.staff.len();
    let evaluation = story.evaluated(number, outlook)?;
    story.go_on(outlook, &world.staff[place])?;
    story.settle();
    batch.add(&story.application)?;
    batch.add(&Answered(story.application.id, &story.answers))?;
    batch.add(&evaluation)?;
    if let Some(end) = &story.application.resolution {
        batch.add(&Ended(&story.application, end))?;
    }
    if let Some(membership) = story.membership(number) {
        batch.add(&membership)?;
    }
    let first = world.last_line + 1 + (number * LINES).cast_signed();
    for (place, line) in (first..).zip(story.lines) {
        batch.add(&Logged(place, line))?;
    }
    Ok(())
}

impl<'a> Story<'a> {
    /// A draft that is handed in. The form is not asked whether the answers fit: that takes long,
    /// and nothing that is measured depends on it.
    fn begin(world: &'a World, number: u64) -> Result<Self> {
        let mut dice = Dice::of(Purpose::Application, number);
        let organization = number % world.organizations();
        let lap = number / world.organizations();
        let place = usize::try_from(organization + lap)? % world.offers.len();
        let offer = &world.offers[place];
        let now = world.begun(number, &mut dice);
        let account = World::applicant(organization);
        let applicant = Actor::Applicant {
            account,
            means: Means::Account,
        };
        let beginning = Beginning {
            id: id(Purpose::Application, number, now),
            kind: Kind::New,
            organization: World::organization(organization),
            applicant: account,
            external_id: None,
        };
        let act = Act {
            by: &applicant,
            revision: &offer.revision,
            now,
            seen: None,
        };
        let Change { after, activity } = Application::create(beginning, &act).map_err(refused)?;
        let mut story = Self {
            offer,
            applicant,
            application: after,
            answers: answers(&offer.form, number),
            lines: vec![activity],
            now,
            dice,
        };
        story.hand_in(number);
        Ok(story)
    }

    fn hand_in(&mut self, number: u64) {
        self.pass(2 * 24);
        let application = &mut self.application;
        // What came by another system, one of four, it knows by a key of its own.
        application.external_id = number
            .is_multiple_of(4)
            .then(|| format!("case-{number:07}"));
        application.version += 1;
        application.state = State::Submitted;
        application.submitted_at = Some(self.now);
        application.history.push(Entered {
            at: self.now,
            status: Status::Submitted,
        });
        let subject = Subject::Application(application.id);
        let version = application.version;
        let line = Activity::new(Verb::Submitted, subject, version, &self.applicant, self.now)
            .of_program(application.program)
            .of_application(application.id)
            .under(application.revision)
            .telling(json!({ "from": Status::Draft, "to": Status::Submitted }));
        self.lines.push(line);
    }

    /// How it will go. An organisation is accepted by a program once.
    fn outlook(&mut self, lap: u64, world: &World) -> Outlook {
        match Outlook::drawn(self.dice.below(100)) {
            Outlook::Approved if lap >= world.offers.len() as u64 => Outlook::Declined,
            drawn => drawn,
        }
    }

    /// Runs the criteria: half of what will be decided is clear to them, all else is for people.
    fn evaluated(&mut self, number: u64, outlook: Outlook) -> Result<Evaluation> {
        self.now += TimeDelta::milliseconds(250);
        let clear = self.dice.below(2) == 0;
        let recommendation = match outlook {
            Outlook::Approved if clear => Recommendation::Approve,
            Outlook::Declined if clear => Recommendation::Decline,
            _ => Recommendation::Review,
        };
        let evaluation = judged(
            id(Purpose::Evaluation, number, self.now),
            self.application.id,
            &self.offer.revision,
            recommendation,
            self.now,
        );
        self.step(&Actor::System, |it, act| it.evaluate(&evaluation, act))?;
        Ok(evaluation)
    }

    /// What people make of it, unless the service has decided already.
    fn go_on(&mut self, outlook: Outlook, reviewer: &Actor) -> Result<()> {
        if self.application.status().is_final() {
            return Ok(());
        }
        let by_hand = matches!(
            outlook,
            Outlook::Claimed | Outlook::Approved | Outlook::Declined
        );
        if by_hand {
            self.pass(2 * 24);
            self.step(reviewer, Application::claim)?;
        }
        self.pass(8 * 24);
        match outlook {
            Outlook::Waiting | Outlook::Claimed => Ok(()),
            Outlook::Asked => self.ask(reviewer),
            Outlook::Held => self.step(reviewer, |it, act| {
                it.hold(HoldCause::ThirdParty, "A partner looks at it.", None, act)
            }),
            Outlook::Approved => self.step(reviewer, |it, act| it.approve(None, act)),
            Outlook::Declined => {
                let reasons = reasons(&self.offer.revision.rules);
                self.step(reviewer, |it, act| it.decline(reasons, None, act))
            }
            Outlook::Withdrawn => {
                let applicant = self.applicant.clone();
                self.step(&applicant, |it, act| it.withdraw(None, act))
            }
            Outlook::Expired => {
                self.ask(reviewer)?;
                self.wake()?;
                self.step(&Actor::System, Application::warn)?;
                self.wake()?;
                self.step(&Actor::System, Application::expire)
            }
        }
    }

    fn ask(&mut self, reviewer: &Actor) -> Result<()> {
        let form = &self.offer.form;
        self.step(reviewer, |it, act| {
            it.ask("What is it for, and for how many?", Vec::new(), form, act)
        })
    }

    /// Nothing is left for the service to do by itself: its jobs would change the data while it is
    /// measured. So the team was told of every promise, and no deadline runs.
    fn settle(&mut self) {
        let application = &mut self.application;
        application.deadline_at = None;
        while let Some((_, Duty::Alert(alert))) = application.duty(&self.offer.revision.rules) {
            application.alerts.push(alert);
        }
        application.wake_at = None;
    }

    /// The membership that an approval leads to.
    fn membership(&mut self, number: u64) -> Option<Membership> {
        if self.application.status() != Status::Approved {
            return None;
        }
        let Change { after, activity } = Membership::start(
            id(Purpose::Membership, number, self.now),
            &self.application,
            &self.answers,
            &self.offer.revision,
            &Actor::System,
            self.now,
        );
        self.lines.push(activity);
        Some(after)
    }

    /// Carries out a command now.
    fn step(
        &mut self,
        by: &Actor,
        command: impl FnOnce(Application, &Act<'_>) -> std::result::Result<Change<Application>, Refusal>,
    ) -> Result<()> {
        let act = Act {
            by,
            revision: &self.offer.revision,
            now: self.now,
            seen: None,
        };
        let change = command(self.application.clone(), &act).map_err(refused)?;
        self.application = change.after;
        self.lines.push(change.activity);
        Ok(())
    }

    /// Lets up to so many hours pass.
    fn pass(&mut self, hours: u64) {
        let micros = self.dice.below(hours * 3_600_000_000);
        self.now += TimeDelta::microseconds(micros.cast_signed());
    }

    /// Goes on to when the service looks at it by itself.
    fn wake(&mut self) -> Result<()> {
        self.now = self.application.wake_at.ok_or("nothing is waited for")?;
        Ok(())
    }
}

/// A refusal is for people who use the service; here it is a mistake in the story.
fn refused(refusal: Refusal) -> Failure {
    format!("a story went wrong: {refusal:?}").into()
}
