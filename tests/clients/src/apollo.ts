import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";
import { createHash } from "node:crypto";
import possible from "../generated/possible-types";

export function cache(): InMemoryCache {
  return new InMemoryCache({
    // `... on StaleVersionError` in a list of `UserError` is matched by this.
    possibleTypes: possible.possibleTypes,
    typePolicies: {
      Query: {
        fields: {
          // Pages of one filter and order become one list. Ask for `edges`: `nodes` are not merged.
          applications: relayStylePagination(["filter", "order"]),
        },
      },
      // Parts without an id belong to their application: what is read anew is laid over what is known.
      Decision: { merge: true },
      Hold: { merge: true },
      DecisionPromise: { merge: true },
    },
  });
}

export function connect(url: string, token?: string): ApolloClient {
  return new ApolloClient({
    cache: cache(),
    link: ApolloLink.from([signIn(token), new HttpLink({ uri: url })]),
  });
}

/** Sends the hash of a document first, and its text only when the server does not know it yet. */
export function connectPersisted(url: string, token: string, send: typeof fetch): ApolloClient {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  return new ApolloClient({
    cache: cache(),
    link: ApolloLink.from([
      signIn(token),
      new PersistedQueryLink({ sha256 }),
      new HttpLink({ uri: url, fetch: send }),
    ]),
  });
}

function signIn(token?: string): ApolloLink {
  return new SetContextLink(({ headers }) => ({
    headers: token ? { ...headers, authorization: `Bearer ${token}` } : { ...headers },
  }));
}
