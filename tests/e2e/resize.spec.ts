import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { createSmallShop } from '../../simulator/cluster/index.ts';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';
import { rememberUsage } from '../support/usage-history.ts';

/** From a recommendation to pods that ask for less, in a real browser through the real agent. */
test.describe.configure({ mode: 'serial' });

const root = join(import.meta.dirname, '../..');
let demo: Demo;
let page: Page;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  demo = await startDemo();
  const { clusters } = await demo.ask<{ clusters: { id: string }[] }>('/api/v1/admin/clusters');
  const { types } = JSON.parse(readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8'));
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  // The same shop as that of the demo, for what its pods would have used before.
  const shop = createSmallShop({ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones });
  for (let tick = 0; tick < 100; tick++) shop.tick(Date.now() + tick * 1_000);
  rememberUsage(join(demo.data, 'engine'), clusters[0]?.id ?? '', shop, 15);
  await demo.ask('/api/v1/optimization/policies/default/save', {
    document: { decisions: { resizeWatchMs: 3_000 } },
    baseRevision: 0,
  });
  ({ page, faults } = await openSignedIn(browser, demo));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

test('a recommendation becomes a plan that shows every change, also as a file for Git', async () => {
  await page.goto(`${demo.url}/rightsizing`);
  await page
    .getByRole('table', { name: 'Rightsizing' })
    .getByRole('link', { name: 'shop/search' })
    .click({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Make a plan' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Resize Deployment shop\/search: CPU/);
  await expect(page.getByRole('table', { name: 'Containers that change' })).toContainText('→');
  await page.getByRole('tab', { name: 'For Git' }).click();
  await expect(page.getByText(/patch deployment search --patch-file/)).toBeVisible();
  await axeFindsNothing(page);
});

test('approved, one pod is resized and watched, then all, and the page says so', async () => {
  test.setTimeout(180_000);
  await page.getByRole('tab', { name: /^Steps/ }).click();
  await page.getByRole('button', { name: 'Approve and start' }).click();
  await expect(
    page.getByText('Deployment shop/search has its new sizes, and its pods ran well with them.'),
  ).toBeVisible({ timeout: 120_000 });
  await page.goto(`${demo.url}/decisions`);
  await expect(page.getByRole('link', { name: /^Resize Deployment shop\/search/ }).first()).toBeVisible();
  expect(faults).toEqual([]);
});
