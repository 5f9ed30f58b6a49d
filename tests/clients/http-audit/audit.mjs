// Runs every audit of graphql-http against a server, prints what failed and how many there were.
//
//   node audit.mjs http://127.0.0.1:8000/graphql
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
if (!url) {
  console.error('Say which server: node audit.mjs URL');
  process.exit(2);
}

const audits = serverAudits({ url });
let passed = 0;
for (const audit of audits) {
  const { status, reason } = await audit.fn();
  if (status === 'ok') {
    passed += 1;
  } else {
    console.log(`${status} ${audit.id} ${audit.name}\n  ${reason}`);
  }
}
console.log(`${passed} of ${audits.length} audits passed`);
process.exit(passed === audits.length ? 0 : 1);
