import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

export interface Problem {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string };
}

export interface Answer<Data> {
  status: number;
  data?: Data | null;
  errors?: Problem[];
  extensions?: {
    cost?: { requested: number; maximum: number };
    idempotency?: { key: string; replayed: boolean };
  };
}

/**
 * One operation without a client library: the types come from the document. With a key a mutation
 * can be sent again until there is an answer, and is carried out once.
 */
export async function ask<Data, Variables>(
  url: string,
  token: string | undefined,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  key?: string,
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(key ? { "idempotency-key": key } : {}),
    },
    body: JSON.stringify({ query: print(document), variables }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer<Data>, "status">) };
}
