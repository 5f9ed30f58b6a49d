import { graphql } from "relay-runtime";

export const QueueQuery = graphql`
  query QueueQuery($programId: ID, $first: Int!) {
    ...Queue_applications @arguments(programId: $programId, first: $first)
  }
`;

// Pages of the queue: `QueuePageQuery` is made by the compiler.
export const Queue_applications = graphql`
  fragment Queue_applications on Query
  @argumentDefinitions(
    programId: { type: "ID" }
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
  )
  @refetchable(queryName: "QueuePageQuery") {
    applications(
      filter: { programId: $programId, statuses: [IN_REVIEW], unassigned: true }
      order: DUE_FIRST
      first: $first
      after: $after
    ) @connection(key: "Queue_applications", filters: ["filter", "order"]) {
      totalCount
      edges {
        node {
          id
          ...Card_application
        }
      }
    }
  }
`;
