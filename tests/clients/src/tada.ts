import { initGraphQLTada, type ResultOf } from "gql.tada";
import type { introspection } from "../generated/tada-env";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; Date: string; JSON: unknown };
}>();

export const QueueLine = graphql(`
  fragment QueueLine on Application @_unmask {
    id
    version
    status
    organization {
      id
      name
    }
    assignee {
      id
      name
    }
  }
`);

export const Queue = graphql(
  `
    query Queue($first: Int!, $after: String) {
      applications(
        filter: { statuses: [IN_REVIEW], unassigned: true }
        order: DUE_FIRST
        first: $first
        after: $after
      ) {
        totalCount
        edges {
          cursor
          node {
            ...QueueLine
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [QueueLine],
);

export const Card = graphql(
  `
    query Card($id: ID!) {
      application(id: $id) {
        ...QueueLine
        decision {
          outcome
        }
      }
    }
  `,
  [QueueLine],
);

const Problem = graphql(`
  fragment Problem on UserError @_unmask {
    __typename
    code
    message
    path
    ... on StaleVersionError {
      currentVersion
    }
    ... on WrongStateError {
      status
      possibleIn
    }
    ... on OverLimitError {
      limits
    }
  }
`);

export const Claim = graphql(
  `
    mutation Claim($input: ApplicationCommandInput!) {
      claimApplication(input: $input) {
        application {
          ...QueueLine
        }
        userErrors {
          ...Problem
        }
      }
    }
  `,
  [QueueLine, Problem],
);

export const Release = graphql(
  `
    mutation Release($input: ApplicationCommandInput!) {
      releaseApplication(input: $input) {
        application {
          ...QueueLine
        }
        userErrors {
          ...Problem
        }
      }
    }
  `,
  [QueueLine, Problem],
);

export type Refusal = NonNullable<ResultOf<typeof Claim>["claimApplication"]>["userErrors"][number];

export function explain(error: Refusal): string {
  switch (error.__typename) {
    case "StaleVersionError":
      return `Version ${error.currentVersion} stands now.`;
    case "WrongStateError":
      return `It is ${error.status}; this can be done in ${error.possibleIn.join(", ")}.`;
    case "OverLimitError":
      return `Over ${error.limits.join(", ")}.`;
    case "AnswersError":
    case "ClosedError":
    case "NotPermittedError":
    case "PlainError":
    case "ProgramSourceError":
    case "RateLimitedError":
    case "UnansweredError":
      return error.message;
    default:
      return (error satisfies never as Refusal).message;
  }
}

export function forgetsAType(error: Refusal): string {
  switch (error.__typename) {
    case "StaleVersionError":
    case "AnswersError":
    case "PlainError":
      return error.message;
    default:
      // @ts-expect-error ClosedError and others are left.
      error satisfies never;
      return error.message;
  }
}
