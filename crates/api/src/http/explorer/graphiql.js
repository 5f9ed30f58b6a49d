// GraphiQL in front of Stoa: how it asks, and what it shows first.

const welcome = `# Sign in by a header, at the bottom of this page:
#   { "Authorization": "Bearer …" }
# A stranger sees the programs that can be applied for.

query Programs {
  viewer {
    id
    name
  }
  programs {
    id
    key
    name
  }
}
`;

/** Whether the operation that is to run is followed. */
function isFollowed(document, name) {
  const operations = document?.definitions.filter((it) => it.kind === 'OperationDefinition') ?? [];
  const operation = name ? operations.find((it) => it.name?.value === name) : operations[0];
  return operation?.operation === 'subscription';
}

/** The answers of a subscription, as server-sent events bring them. */
async function* events(response) {
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const lines = part.split('\n');
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5)).join('\n');
      if (lines.includes('event: complete')) return;
      if (data.trim()) yield JSON.parse(data);
    }
  }
}

async function fetcher(request, { headers, documentAST } = {}) {
  const followed = isFollowed(documentAST, request.operationName);
  const accept = followed ? 'text/event-stream' : 'application/graphql-response+json';
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify(request),
  });
  const streams = response.headers.get('content-type')?.startsWith('text/event-stream');
  return streams ? events(response) : response.json();
}

const page = React.createElement(GraphiQL, { fetcher, defaultQuery: welcome, defaultEditorToolsVisibility: 'headers' });
ReactDOM.createRoot(document.getElementById('graphiql')).render(page);
