// Uses GraphiQL in a real browser, as a frontend developer would, and watches where the browser goes.
//
//   node graphiql.mjs http://127.0.0.1:8000 TOKEN NAME [SCREENSHOT]
import assert from 'node:assert/strict';
import { browse } from './browser.mjs';

const [url, token, name, screenshot] = process.argv.slice(2);
await browse(url, async ({ page, step }) => {
  const editor = (label) => page.locator(`[aria-label="${label}"] .CodeMirror`).locator('visible=true');
  // Keys would race with the editor, which closes brackets by itself.
  const write = async (label, text) => {
    await editor(label).evaluate((it, text) => {
      it.CodeMirror.focus();
      it.CodeMirror.setValue(text);
      it.CodeMirror.execCommand('goDocEnd');
    }, text);
    // GraphiQL reads what was written a moment later.
    await page.waitForTimeout(500);
  };
  const answer = async (holds) => {
    await page.locator('.result-window', { hasText: holds }).waitFor();
  };
  const run = () => page.getByRole('button', { name: /^Execute query/ }).click();

  const opened = await page.goto(`${url}/graphiql`);
  const policy = opened.headers()['content-security-policy'];
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) assert.ok(policy.includes(rule), policy);
  await editor('Query Editor').waitFor();
  step('it opens');

  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.locator('.graphiql-doc-explorer', { hasText: 'Mutation' }).waitFor();
  step('it reads the schema and shows its documentation');

  await run();
  await answer('open-source');
  step('a stranger runs the first query');

  await page.getByRole('button', { name: 'Headers' }).click();
  await write('Headers', JSON.stringify({ Authorization: `Bearer ${token}` }));
  await write('Query Editor', '{ viewer { name } }');
  await run();

  await answer(name);
  step('a header signs in');

  await write('Query Editor', '{ progr');
  await page.keyboard.press('Control+Space');
  await page.locator('.CodeMirror-hints', { hasText: 'programs' }).waitFor();
  step('fields are completed from the schema');
  await page.keyboard.press('Escape');

  await write('Query Editor', '{ applications(first: 1) { nodes { id } } }');
  await run();
  await answer('app_');
  const [id] = /app_[a-z0-9]+/.exec(await page.locator('.result-window').innerText());
  await write('Query Editor', `subscription { applicationChanged(applicationId: "${id}") { __typename } }`);
  await run();
  await answer('applicationChanged');
  await page.getByRole('button', { name: /^Stop query/ }).click();
  step('a subscription is followed and stopped');
  if (screenshot) await page.screenshot({ path: screenshot });
});
