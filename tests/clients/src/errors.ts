import type {
  ApplicationStatus,
  PortalAnswerMutation,
  UserErrorCode,
} from "../generated/codegen/graphql";

export type UserError = NonNullable<PortalAnswerMutation["answerApplication"]>["userErrors"][number];

/** What to show for a refusal. A type of error that is new in the schema stops the compiler here. */
export function explain(error: UserError): string {
  switch (error.__typename) {
    case "StaleVersionError":
      return `Somebody was faster: version ${error.currentVersion} stands now.`;
    case "AnswersError":
      return error.problems.map((it) => `${it.field.join(" / ")}: ${it.message}`).join("\n");
    case "ClosedError":
    case "NotPermittedError":
    case "OverLimitError":
    case "PlainError":
    case "ProgramSourceError":
    case "RateLimitedError":
    case "UnansweredError":
    case "WrongStateError":
      return error.message;
    default:
      return unexpected(error);
  }
}

/** An older build of a frontend meets a newer server: `message` is always there. */
function unexpected(error: never): string {
  return (error as UserError).message;
}

/** The next step for each code: a code that is new in the schema stops the compiler here. */
export const nextStep: Record<UserErrorCode, "RELOAD" | "SIGN_IN" | "CORRECT" | "WAIT" | "SHOW"> = {
  ALREADY_MEMBER: "SHOW",
  ASSIGNED_TO_OTHER: "RELOAD",
  CLOSED: "WAIT",
  FULL: "WAIT",
  INVALID_ANSWERS: "CORRECT",
  INVALID_INPUT: "CORRECT",
  INVALID_PROGRAM: "CORRECT",
  INVALID_REASON: "CORRECT",
  NEEDS_ANSWERS: "SHOW",
  NEEDS_APPROVAL: "SHOW",
  NOT_FOUND: "RELOAD",
  NOT_PERMITTED: "SIGN_IN",
  NOT_SET_UP: "SHOW",
  OWN_DECISION: "SHOW",
  RATE_LIMITED: "WAIT",
  SESSION_OVER: "SIGN_IN",
  SIGN_IN_REFUSED: "CORRECT",
  STALE_VERSION: "RELOAD",
  TAKEN: "CORRECT",
  WRONG_STATE: "RELOAD",
};

/** Whether the applicant still waits for somebody else: every status is named, so none is forgotten. */
export function isWaiting(status: ApplicationStatus): boolean {
  switch (status) {
    case "SUBMITTED":
    case "IN_REVIEW":
    case "AWAITING_APPROVAL":
    case "ON_HOLD":
    case "WAITLISTED":
      return true;
    case "DRAFT":
    case "AWAITING_APPLICANT":
    case "APPROVED":
    case "DECLINED":
    case "EXPIRED":
    case "WITHDRAWN":
      return false;
  }
}
