import { Environment, Network, RecordSource, Store, type FetchFunction } from "relay-runtime";

export function connect(url: string, token?: string): Environment {
  const fetchFunction: FetchFunction = async (operation, variables) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json;q=0.9",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: operation.text, variables }),
    });
    return response.json();
  };
  return new Environment({
    network: Network.create(fetchFunction),
    store: new Store(new RecordSource()),
  });
}
