// Uses the explorer in a real browser, as a newcomer would, and watches where the browser goes.
//
//   node explorer.mjs http://127.0.0.1:8000 TOKEN NAME [SCREENSHOT]
import assert from 'node:assert/strict';
import { browse } from './browser.mjs';

const [url, token, name, screenshot] = process.argv.slice(2);
await browse(url, async ({ page, step }) => {
  const shows = (selector, text) => page.locator(selector, { hasText: text }).first().waitFor();

  const answer = await page.goto(`${url}/graphiql`);
  const policy = answer.headers()['content-security-policy'];
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) assert.ok(policy.includes(rule), policy);
  await shows('#docs', 'Start here');
  step('it opens and reads the schema');

  await page.locator('#document').focus();
  await page.keyboard.press('Control+Enter');
  await shows('#status', 'Status 200');
  assert.ok(JSON.parse(await page.locator('#answer').textContent()).data.programs.length > 0);
  step('a stranger runs the first query with the keyboard and sees its answer');

  await page.getByRole('textbox', { name: 'Token' }).fill(`Authorization: Bearer ${token}`);
  await page.keyboard.press('Tab');
  await shows('#viewer', `Signed in as ${name}.`);
  step('a pasted header signs in');

  await page.getByLabel('Example').selectOption({ label: 'DeskQueue' });
  await page.getByRole('button', { name: 'Run' }).click();
  await shows('#status', '0 errors');
  assert.ok(JSON.parse(await page.locator('#answer').textContent()).data.applications.totalCount >= 0);
  step('an example operation is picked and runs');

  const examples = await page.locator('#example option').evaluateAll((options) => options.map((it) => it.value).filter(Boolean));
  assert.ok(examples.length > 15, String(examples.length));
  for (const example of examples) {
    await page.locator('#example').selectOption(example);
    if ((await page.locator('#operation').textContent()).startsWith('subscription')) continue;
    // It would sign this reader out.
    if (/SignOut/.test(example)) continue;
    // Empty ids are refused while it runs; a document that is not valid would be refused before.
    await page.getByRole('button', { name: 'Run' }).click();
    await shows('#status', /^Status \d+/);
    const said = JSON.parse(await page.locator('#answer').textContent());
    const invalid = (said.errors ?? []).filter((it) => !it.path && /Unknown|not used|never used|unused|undefined|expected/i.test(it.message));
    assert.deepEqual(invalid, [], `${example}: ${JSON.stringify(said)}`);
  }
  step('every example is a whole document');

  await page.getByLabel('Variables, as JSON').fill('{ not JSON');
  await page.getByRole('button', { name: 'Run' }).click();
  await shows('#status.bad', 'The variables cannot be read');
  await page.getByLabel('Variables, as JSON').fill('');
  step('variables that are no JSON are told');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('application.promise');
  await page.locator('#docs').getByRole('button', { name: 'Application.promise', exact: true }).click();
  await shows('#docs h2', 'Application.promise');
  await page.locator('#docs p', { hasText: 'Answers' }).getByRole('button').click();
  await shows('#docs h2', 'Promise');
  await page.getByRole('button', { name: 'Back' }).click();
  await shows('#docs h2', 'Application.promise');
  step('the documentation is searched, followed and gone back in');

  await page.locator('#document').fill('query Shout { programs { name } } # <img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Run' }).click();
  await shows('#status', 'Status 200');
  await page.reload();
  assert.ok((await page.locator('#document').inputValue()).startsWith('query Shout'));
  await shows('#viewer', `Signed in as ${name}.`);
  await shows('#docs', 'Start here');
  step('a reload keeps the request and the token of the tab');

  await page.locator('#document').fill('{ applications(first: 1) { nodes { id } } }');
  await page.getByRole('button', { name: 'Run' }).click();
  await shows('#status', '0 errors');
  const { id } = JSON.parse(await page.locator('#answer').textContent()).data.applications.nodes[0];
  await page.locator('#document').fill('subscription Follow($id: ID!) { applicationChanged(applicationId: $id) { __typename } }');
  await page.getByLabel('Variables, as JSON').fill(JSON.stringify({ id }));
  await page.getByRole('button', { name: 'Run' }).click();
  await shows('#status', 'Following; 1 so far.');
  assert.ok((await page.locator('#answer').textContent()).includes('applicationChanged'));
  await page.getByRole('button', { name: 'Stop' }).click();
  await shows('#status', 'Stopped.');
  step('a subscription is followed and stopped');

  const unlabelled = await page.locator('input, select, textarea, button').evaluateAll((all) => all
    .filter((it) => !(it.labels?.length || it.getAttribute('aria-label') || it.textContent.trim())).map((it) => it.outerHTML));
  assert.deepEqual(unlabelled, []);
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(dark, 'rgb(20, 24, 28)');
  step('every control has a name, and the page is dark where the reader likes it so');

  if (screenshot) await page.screenshot({ path: screenshot });
});
