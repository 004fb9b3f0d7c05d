import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type EngineProcess, startEngineProcess } from '../support/engine-process.ts';
import { axeFindsNothing } from '../support/signed-in-page.ts';

/** How an administrator lets people and programs in, and out again. */
test.describe.configure({ mode: 'serial' });

const password = 'correct horse battery';
let folder: string;
let engine: EngineProcess;
let page: Page;

test.beforeAll(async ({ browser }) => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-access-'));
  engine = await startEngineProcess(folder);
  page = await (await browser.newContext()).newPage();
  await page.goto(`${engine.url}/#token=${engine.token}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await page.goto(`${engine.url}/settings`);
});
test.afterAll(async () => {
  await page?.close();
  await engine?.end();
  rmSync(folder, { recursive: true, force: true });
});

test('a new server asks for a token, and its link signs in, also in the window that asks', async ({
  browser,
}) => {
  const fresh = await (await browser.newContext()).newPage();
  const place = engine.url.replace('127.0.0.1', 'localhost');
  await fresh.goto(`${place}/models`);
  await expect(fresh.getByRole('textbox', { name: 'Access token' })).toBeVisible();
  await expect(fresh.getByRole('textbox', { name: 'Name' })).toHaveCount(0);
  await fresh.goto(`${place}/models#token=${engine.token}`);
  await expect(fresh.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
  expect(fresh.url()).toBe(`${place}/models`);
  await fresh.getByRole('button', { name: /^Signed in as/ }).click();
  await fresh.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(fresh.getByRole('heading', { name: 'Sign in to CloudOptim' })).toBeVisible();
  await fresh.close();
});

test('an administrator makes a user, who signs in and changes the password', async ({ browser }) => {
  await page.getByRole('button', { name: 'Create a user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Ada');
  await dialog.getByRole('textbox', { name: 'Password' }).fill('too short');
  await expect(dialog.getByRole('button', { name: 'Create' })).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Password' }).fill(password);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('region', { name: 'Users' }).getByText('Ada', { exact: true })).toBeVisible();

  const hers = await (await browser.newContext()).newPage();
  // Under another name of the same server: not every Chromium keeps the cookies of two contexts apart.
  const place = engine.url.replace('127.0.0.1', 'localhost');
  await hers.goto(`${place}/#sign-in-problem=no-role`);
  await expect(
    hers.getByText('Your organisation knows you, but you have no role in CloudOptim.'),
  ).toBeVisible();
  await hers.goto(`${place}/settings`);
  await axeFindsNothing(hers);
  await hers.getByRole('textbox', { name: 'Name' }).fill('ada');
  await hers.getByRole('textbox', { name: 'Password' }).fill('wrong wrong wrong');
  await hers.getByRole('button', { name: 'Sign in' }).click();
  await expect(hers.getByText('This name and password do not belong together.')).toBeVisible();
  await hers.getByRole('textbox', { name: 'Name' }).fill('ada');
  await hers.getByRole('textbox', { name: 'Password' }).fill(password);
  await hers.getByRole('button', { name: 'Sign in' }).click();
  await expect(hers.getByText('You are “Ada”, with the role viewer.')).toBeVisible();
  await expect(hers.getByRole('region', { name: 'Users' })).toHaveCount(0);
  await hers.getByRole('button', { name: 'Change my password' }).click();
  await hers.getByRole('textbox', { name: 'Present password' }).fill(password);
  await hers.getByRole('textbox', { name: 'New password' }).fill('another good one');
  await hers.getByRole('dialog').getByRole('button', { name: 'Change' }).click();
  await expect(hers.getByText('The password was changed')).toBeVisible();

  // And out again: the administrator ends her session.
  await page.reload();
  const sessions = page.getByRole('region', { name: 'Sessions' });
  await expect(sessions.getByText('this one')).toBeVisible();
  await sessions.getByRole('button', { name: 'End the session of Ada' }).click();
  await expect(hers.getByRole('heading', { name: 'Sign in to CloudOptim' })).toBeVisible();
  await hers.close();
});

test('a token is limited to what a program needs', async () => {
  await page.getByRole('button', { name: 'Create a token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Prometheus');
  await dialog.getByRole('checkbox', { name: 'metrics' }).check();
  await dialog.getByRole('button', { name: 'Create' }).click();
  const secret = await dialog.getByLabel('Secret').textContent();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('region', { name: 'Access tokens' }).getByText('metrics')).toBeVisible();
  const ask = (path: string) => fetch(engine.url + path, { headers: { authorization: `Bearer ${secret}` } });
  expect((await ask('/metrics')).status).toBe(200);
  expect((await ask('/api/v1/ml/models/list')).status).toBe(403);
  await axeFindsNothing(page);
});

test('an administrator saves the audit log as a file', async () => {
  await page.goto(`${engine.url}/settings`);
  const log = page.getByRole('region', { name: 'Audit log' });
  await log.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /JSON lines/ }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('audit.jsonl');
  const [first = ''] = readFileSync(await file.path(), 'utf8').split('\n');
  expect(JSON.parse(first)).toMatchObject({ seq: 1, previous: '' });
});
