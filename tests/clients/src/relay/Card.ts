import { graphql } from "relay-runtime";

// One application, read again by `node(id:)`: `CardRefetchQuery` is made by the compiler.
export const Card_application = graphql`
  fragment Card_application on Application @refetchable(queryName: "CardRefetchQuery") {
    version
    status
    organization {
      name
    }
    assignee {
      name
    }
    promise {
      dueAt
      businessDaysLeft
    }
  }
`;

export const CardQuery = graphql`
  query CardQuery($id: ID!) {
    node(id: $id) {
      __typename
      ...Card_application @alias(as: "application")
    }
  }
`;

export const CardClaimMutation = graphql`
  mutation CardClaimMutation($input: ApplicationCommandInput!) {
    claimApplication(input: $input) {
      application {
        ...Card_application
      }
      userErrors {
        __typename
        code
        message
        path
        ... on StaleVersionError {
          currentVersion
        }
      }
    }
  }
`;
