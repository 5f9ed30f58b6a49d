//! Enums of the schema: the domain's own, name by name. A new one in the domain does not compile
//! until the schema knows it.

use async_graphql::Enum;

/// Where an application stands. States are few and fixed; what must happen inside one is data in the revision.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::application::Status",
    name = "ApplicationStatus"
)]
pub enum ApplicationStatus {
    /// Being written by the applicant; nobody else sees it.
    Draft,
    /// Handed in; the criteria are about to be run.
    Submitted,
    /// People look at it.
    InReview,
    /// The applicant was asked and has not answered; the promise pauses.
    AwaitingApplicant,
    /// Waits for another team. Applicants are told `IN_REVIEW`.
    OnHold,
    /// A decision is drafted and not yet published. Applicants are told `IN_REVIEW`.
    AwaitingApproval,
    /// Every place of the program is taken; it waits for one.
    Waitlisted,
    /// Accepted: there is a membership.
    Approved,
    /// Declined, with reasons; it can be appealed by `reopenApplication`.
    Declined,
    /// Taken back by the applicant.
    Withdrawn,
    /// Ended by silence, after a warning.
    Expired,
}

/// Why an organisation asks.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::application::Kind", name = "ApplicationKind")]
pub enum ApplicationKind {
    /// It is not a member.
    New,
    /// Its term ends.
    Renewal,
    /// It wants its membership changed.
    Amendment,
}

/// Something that can be done to an application.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::application::Action",
    name = "ApplicationAction"
)]
pub enum ApplicationAction {
    /// `answerApplication`
    Answer,
    /// `submitApplication`
    Submit,
    /// `evaluateApplication`
    Evaluate,
    /// `claimApplication`
    Claim,
    /// `assignApplication`
    Assign,
    /// `unassignApplication`
    Unassign,
    /// `askApplicant`
    Ask,
    /// `replyToQuestion`
    Reply,
    /// `holdApplication`
    Hold,
    /// `releaseApplication`
    Release,
    /// `proposeDecision`
    Propose,
    /// `approveDecision`
    ApproveDecision,
    /// `sendBackDecision`
    SendBack,
    /// `publishDecision`
    Publish,
    /// `approveApplication`
    Approve,
    /// `declineApplication`
    Decline,
    /// `withdrawApplication`
    Withdraw,
    /// The service warns of the deadline by itself.
    Warn,
    /// The service ends it by silence by itself.
    Expire,
    /// `reopenApplication`
    Reopen,
    /// `waitlistApplication`
    Waitlist,
    /// `offerPlace`
    Offer,
    /// The service tells the team of a promise that breaks by itself.
    Alert,
}

/// What an application on hold waits for.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::application::HoldCause", name = "HoldCause")]
pub enum HoldCause {
    /// A compliance check, e.g. a screening that flagged a name.
    Compliance,
    /// Another company or a verifier.
    ThirdParty,
    /// A colleague who may object; silence until the end of the hold means consent.
    Consult,
}

/// How something was done.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::change::Mode", name = "ActivityMode")]
pub enum Mode {
    /// By a person.
    Manual,
    /// By the service, as a published revision tells it to.
    Automated,
    /// By another system.
    Integration,
}

/// What happened.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::change::Verb", name = "ActivityVerb")]
pub enum ActivityVerb {
    /// A draft was begun.
    Created,
    /// Answers were given or changed.
    Answered,
    /// It was handed in.
    Submitted,
    /// The criteria were run.
    Evaluated,
    /// Somebody took it on.
    Claimed,
    /// Somebody was given it.
    Assigned,
    /// It was given back: nobody works on it.
    Unassigned,
    /// The applicant was asked.
    Asked,
    /// The applicant answered the question.
    Replied,
    /// It was put on hold.
    Held,
    /// The hold ended.
    Released,
    /// A decision was drafted.
    DecisionProposed,
    /// A second person approved the drafted decision.
    DecisionApproved,
    /// The drafted decision was sent back.
    DecisionSentBack,
    /// The organisation was accepted; the applicant sees it.
    Approved,
    /// The organisation was declined; the applicant sees it.
    Declined,
    /// The applicant took it back.
    Withdrawn,
    /// The applicant was warned that it will expire.
    Warned,
    /// It ended by silence.
    Expired,
    /// It was taken up again.
    Reopened,
    /// It waits for a place.
    Waitlisted,
    /// A place became free for it.
    Offered,
    /// The team was told that a promise breaks soon.
    PromiseAtRisk,
    /// The team was told that the time of a promise is over.
    PromiseBroken,
    /// A program was published for the first time.
    ProgramPublished,
    /// A new revision of the rules was published.
    RevisionPublished,
    /// A membership began.
    MembershipStarted,
    /// An account was created.
    AccountCreated,
    /// A role was given.
    RoleGranted,
    /// A role was taken away.
    RoleRevoked,
    /// An account was closed.
    AccountDisabled,
    /// A session was ended before its time.
    SignedOut,
    /// Every session of an account was ended.
    SignedOutEverywhere,
    /// A refresh token was used a second time: its session was ended.
    RefreshReused,
    /// An administrator began to act in an account's name.
    Impersonated,
    /// A token of an integration was made.
    TokenCreated,
    /// A token of an integration was taken back.
    TokenRevoked,
    /// Somebody changed their own name.
    ProfileChanged,
    /// A password was chosen.
    PasswordChanged,
    /// Somebody signed in.
    SignedIn,
    /// Too many attempts to sign in failed; the next ones are refused for a while.
    SignInLocked,
}

/// One thing that somebody may do in a program.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::actor::Permission", name = "Permission")]
pub enum Permission {
    /// See applications with answers, messages and evaluations.
    ReadApplications,
    /// See memberships, terms, grants and organisations.
    ReadMemberships,
    /// See names and mail addresses of people.
    ReadPersonalData,
    /// See indicators.
    ReadNumbers,
    /// See the activity log.
    ReadActivities,
    /// Claim, ask, hold, release, propose.
    Review,
    /// Approve, decline and publish within the limits.
    Decide,
    /// Approve, as a second person, what is over the limits.
    ApproveDecisions,
    /// Give an application to somebody else.
    Assign,
    /// Publish a new revision of the rules, and try one out.
    PublishRevisions,
    /// Bring applications in on behalf of applicants.
    ImportApplications,
    /// Create accounts and take them away.
    ManageAccounts,
    /// Give and withdraw roles.
    ManageRoles,
}

/// What an evaluation says of one criterion.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::criteria::Outcome", name = "CriterionOutcome")]
pub enum CriterionOutcome {
    /// It holds.
    Met,
    /// It does not hold.
    Unmet,
    /// A fact is missing, or the expression failed. Never an approval by itself.
    Unknown,
}

/// What follows when a criterion is not met.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::criteria::Consequence", name = "Consequence")]
pub enum Consequence {
    /// The application does not qualify.
    Decline,
    /// A person looks at it.
    Review,
    /// The applicant is asked.
    Ask,
    /// It waits for another team.
    Hold,
}

/// What the rules would have the team do.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::criteria::Recommendation",
    name = "Recommendation"
)]
pub enum Recommendation {
    /// Every criterion is met.
    Approve,
    /// A criterion that declines is not met.
    Decline,
    /// Ask the applicant about what is not met.
    Ask,
    /// Wait for another team.
    Hold,
    /// Something is unknown, or wants a person's eye.
    Review,
}

/// Who says a fact.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::facts::Source", name = "FactSource")]
pub enum FactSource {
    /// The applicant answered it.
    Applicant,
    /// The SPDX licence list.
    SpdxList,
    /// The public suffix list.
    PublicSuffixList,
    /// A list of disposable mail domains.
    DisposableMailList,
    /// The registry of academic domains.
    AcademicRegistry,
    /// The trade rules of the revision.
    TradeRules,
    /// Earlier applications and memberships.
    History,
}

/// The two outcomes of a decision.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::decision::Outcome", name = "DecisionOutcome")]
pub enum DecisionOutcome {
    /// The organisation is accepted.
    Approve,
    /// It is not.
    Decline,
}

/// What a message is for.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::message::Kind", name = "MessageKind")]
pub enum MessageKind {
    /// The application arrived.
    Received,
    /// The team asks.
    Question,
    /// The applicant answers.
    Reply,
    /// The decision: accepted.
    Approved,
    /// The decision: declined.
    Declined,
    /// It will expire soon.
    Expiring,
    /// It expired.
    Expired,
    /// Another look is asked for.
    Appeal,
}

/// What somebody is. Roles are given for one program or for all.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::actor::Role", name = "Role")]
pub enum Role {
    /// Works the queue: reviews, asks, holds, decides within the approval limits.
    Specialist,
    /// A specialist who also publishes revisions and approves what is over the limits.
    ProgramManager,
    /// Runs all programs and gives roles.
    OperationsManager,
    /// Reads numbers and memberships, without personal data.
    Observer,
    /// Keeps accounts, and nothing else.
    Admin,
    /// A system that reads memberships.
    MemberReader,
    /// A system that reads the activity feed.
    FeedReader,
    /// A system that brings applications in.
    Importer,
}

/// Who stands behind an account.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::account::Kind", name = "AccountKind")]
pub enum AccountKind {
    /// A person who works for programs.
    Staff,
    /// A person who applies.
    Applicant,
    /// Another system.
    Integration,
}

/// How far automation goes.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::program::rules::Switch",
    name = "AutomationSwitch"
)]
pub enum AutomationSwitch {
    /// The service recommends; people decide.
    Off,
    /// The service also records what it would have decided.
    Shadow,
    /// The service decides.
    On,
}

/// The kinds of benefit.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::program::rules::BenefitKind",
    name = "BenefitKind"
)]
pub enum BenefitKind {
    /// Places for users.
    Seats,
    /// A licence key.
    Licence,
    /// An amount to spend.
    Credits,
    /// A one-time code.
    Code,
    /// A share off the price, in percent.
    Discount,
}

/// How long one period of an indicator is.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::kpi::period::Granularity",
    name = "KpiGranularity"
)]
pub enum KpiGranularity {
    /// ISO weeks, from Monday.
    Week,
    /// Calendar months.
    Month,
    /// Quarters of the program's fiscal year.
    Quarter,
    /// The program's fiscal years.
    FiscalYear,
}

/// The built-in indicators.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::kpi::Key", name = "KpiKey")]
pub enum KpiKey {
    /// Business time from submission to published approval.
    TimeToApprove,
    /// Decided applications with no manual step, of all decided ones.
    AutomatedShare,
    /// Applications that reached a final state.
    ApplicationsSolved,
    /// Applications decided within the promise; open ones already late count as missed.
    WithinPromise,
}

/// In what an indicator is measured.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::kpi::Unit", name = "KpiUnit")]
pub enum KpiUnit {
    /// Minutes of working time.
    BusinessMinutes,
    /// From 0 to 1.
    Ratio,
    /// A number of applications.
    Count,
}

/// Which way is better.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::kpi::Direction", name = "KpiDirection")]
pub enum KpiDirection {
    /// Less is better.
    LowerIsBetter,
    /// More is better.
    HigherIsBetter,
    /// Neither.
    Neutral,
}

/// A value against its target.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(remote = "stoa_domain::kpi::Health", name = "KpiHealth")]
pub enum KpiHealth {
    /// As good as the target.
    OnTrack,
    /// Acceptable, not good.
    NeedsAttention,
    /// Worse than acceptable.
    AtRisk,
    /// There is no data, or no target.
    Unknown,
}

/// A step of the process that can be automated.
#[derive(Enum, Copy, Clone, Eq, PartialEq, Debug)]
#[graphql(
    remote = "stoa_domain::kpi::formula::ProcessStep",
    name = "ProcessStep"
)]
pub enum ProcessStep {
    /// Finding out whether the organisation qualifies.
    Eligibility,
    /// Deciding.
    Decision,
}
