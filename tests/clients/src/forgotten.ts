// What the compiler must refuse. If one of these compiled, `@ts-expect-error` would be the mistake.
import type { ApplicationStatus, UserErrorCode } from "../generated/codegen/graphql";
import type { UserError } from "./errors";

const never = (it: never): string => String(it);

export function forgetsATypeOfError(error: UserError): string {
  switch (error.__typename) {
    case "StaleVersionError":
    case "AnswersError":
    case "PlainError":
      return error.message;
    default:
      // @ts-expect-error ClosedError and others are left.
      return never(error);
  }
}

export function readsWhatOnlyOneTypeHas(error: UserError): number {
  // @ts-expect-error Only StaleVersionError has a version.
  return error.currentVersion;
}

// @ts-expect-error Every other code is left.
export const forgetsACode: Record<UserErrorCode, string> = { STALE_VERSION: "reload" };

// @ts-expect-error Not every status leads to a return.
export function forgetsAStatus(status: ApplicationStatus): boolean {
  switch (status) {
    case "DRAFT":
      return true;
  }
}

// @ts-expect-error There is no such status.
export const misspelled: ApplicationStatus = "INREVIEW";
