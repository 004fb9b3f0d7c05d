import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** From a plan to what it saved and how that figure was made, in a real browser against the product. */
test.describe.configure({ mode: 'serial' });

let demo: Demo;
let page: Page;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  demo = await startDemo();
  ({ page, faults } = await openSignedIn(browser, demo));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

test('before anything was carried out, the page says what it is for', async () => {
  await page.goto(`${demo.url}/savings`);
  await expect(page.getByText('Nothing saved yet')).toBeVisible();
  await expect(page.getByText('No plan was carried out in this time.')).toBeVisible();
});

test('a plan that was carried out shows what it saved, and how that figure was made', async () => {
  test.setTimeout(240_000);
  const { models } = await demo.ask<{ models: { id: string }[] }>('/api/v1/ml/models/list');
  await demo.ask('/api/v1/ml/gap-filler/fill', { modelId: models[0]?.id });
  const clusterId = (await demo.ask<{ clusters: { id: string }[] }>('/api/v1/admin/clusters')).clusters[0]
    ?.id;
  const plans = async () =>
    (await demo.ask<{ plans: { id: string; state: string }[] }>('/api/v1/optimization/plans')).plans;
  await expect
    .poll(
      async () => {
        await demo.ask('/api/v1/optimization/trigger', { clusterId });
        return (await plans()).length;
      },
      { timeout: 120_000, intervals: [2_000] },
    )
    .toBeGreaterThan(0);
  await demo.ask(`/api/v1/optimization/plans/${(await plans())[0]?.id}/approve`, {});
  await expect
    .poll(async () => (await plans()).map(one => one.state), { timeout: 90_000 })
    .toContain('succeeded');

  await page.goto(`${demo.url}/savings`);
  await page.getByRole('table', { name: 'Savings' }).getByRole('link').first().click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByText('1 node went')).toBeVisible();
  await expect(drawer.getByText(/leaves the bill/)).toBeVisible();
  await expect(drawer.getByText(/as of/).first()).toBeVisible();
  await expect(drawer.getByRole('table', { name: 'Booked intervals' }).getByRole('row').nth(1)).toBeVisible({
    timeout: 30_000,
  });
  await expect(drawer.getByRole('link', { name: 'See the plan' })).toHaveAttribute('href', /^\/decisions\//);
  expect(new URL(page.url()).pathname).toMatch(/^\/savings\/.+/);
  await page.reload();
  await expect(drawer.getByText('1 node went')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();

  await page.getByRole('radiogroup', { name: 'Savings by' }).getByText('Engine').click();
  await expect(page.getByRole('table', { name: 'Savings by engine' }).getByText('spot')).toBeVisible();
});

test('what the cluster costs is shared out, with idle, and from a namespace down to its workloads', async () => {
  test.setTimeout(180_000);
  const table = page.getByRole('table', { name: 'Cost by namespace' });
  const row = table.getByText('kube-system');
  // Clusters are looked at once a minute, and the second look gives the first slice.
  await expect(async () => {
    await page.reload();
    await expect(row).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 150_000, intervals: [5_000] });
  await expect(page.getByText(/^Idle \$/)).toBeVisible();
  await row.click();
  await expect(
    page
      .getByRole('table', { name: 'Cost by workload' })
      .getByText(/^DaemonSet\/kube-system\//)
      .first(),
  ).toBeVisible();
  await page.getByRole('button', { name: 'All namespaces' }).click();
  await expect(table).toBeVisible();
});

test('exports hold the same figures', async () => {
  const report = await demo.ask<{ totalMicroUsd: number }>('/api/v1/admin/savings/allocation');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: 'Cost by workload and day (CSV)' }).click();
  const [header = '', ...lines] = (await readFile(await (await saved).path(), 'utf8')).trim().split('\n');
  const at = header.split(',').indexOf('cost_usd');
  const sum = lines.reduce((total, line) => total + Math.round(Number(line.split(',')[at]) * 1e6), 0);
  // Minutes may have passed between the two.
  expect(sum).toBeGreaterThanOrEqual(report.totalMicroUsd);
  expect(sum).toBeLessThan(report.totalMicroUsd * 3 + 1);
});

test('axe finds nothing, dark or light, and nothing failed in the browser', async () => {
  await page.goto(`${demo.url}/savings`);
  await expect(page.getByRole('table', { name: 'Cost by namespace' })).toBeVisible();
  await axeFindsNothing(page);
  expect(faults).toEqual([]);
});
