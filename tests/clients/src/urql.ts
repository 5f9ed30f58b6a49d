import { cacheExchange, Client, fetchExchange } from "@urql/core";

export function connect(url: string, token?: string): Client {
  return new Client({
    url,
    exchanges: [cacheExchange, fetchExchange],
    // Addresses end up in logs, and variables hold names and mail addresses: send them in the body.
    preferGetMethod: false,
    fetchSubscriptions: true,
    fetchOptions: token ? { headers: { authorization: `Bearer ${token}` } } : {},
  });
}
