// A browser that is watched: where it goes, and what it complains of.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

// Without these the browser asks hosts of its maker, and its sandbox does not start as root.
const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** Opens a page for `use`, and checks afterwards that the browser asked nobody but this service. */
export async function browse(url, use) {
  const profile = await mkdtemp(join(tmpdir(), 'stoa-explorer-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: quiet, colorScheme: 'dark',
  });
  let steps = 0;
  const step = (said) => { steps += 1; console.log(`ok ${said}`); };
  try {
    const page = browser.pages()[0] ?? await browser.newPage();
    const asked = [];
    const complaints = [];
    browser.on('request', (request) => asked.push(request.url()));
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.setDefaultTimeout(60_000);
    await use({ page, step });
    const elsewhere = asked.filter((it) => !it.startsWith(`${url}/`) && !it.startsWith('data:'));
    assert.deepEqual(elsewhere, [], 'it asks nobody else');
    assert.deepEqual(complaints, [], 'the browser has nothing to complain of');
    step(`${asked.length} requests, all to its own host; no complaint of the browser`);
    console.log(`${steps} steps passed`);
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}
