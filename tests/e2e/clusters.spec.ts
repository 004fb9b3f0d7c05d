import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { reportLargeCluster } from '../support/large-cluster.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** Clusters as a person sees them: a small one with a real agent, a large one, and the way to connect one more. */
test.describe.configure({ mode: 'serial' });

const LARGE = { nodes: 1_000, pods: 10_000 };
let demo: Demo;
let page: Page;
let faults: readonly string[] = [];
let shop = '';
let large = '';

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  demo = await startDemo();
  const { clusters } = await demo.ask<{ clusters: { id: string }[] }>('/api/v1/admin/clusters');
  shop = clusters[0]?.id ?? '';
  large = await reportLargeCluster(demo, 'platform', LARGE.nodes);
  ({ page, faults } = await openSignedIn(browser, demo));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

const table = (name: string) => page.getByRole('table', { name, exact: true });

/** Lines of what the CSV button of a table saves, without the header. */
async function saved(name: string): Promise<string[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Save ${name} as CSV` }).click(),
  ]);
  return (await readFile(await download.path(), 'utf8')).split('\r\n').slice(1);
}

test('the list tells cost, savings and age of data; connecting prints one command, read-only', async () => {
  await page.goto(`${demo.url}/clusters`);
  const row = table('Clusters').getByRole('row', { name: /small-shop/ });
  await expect(row).toContainText(/\$\d/);
  await expect(row).toContainText('$0.00');
  await expect(row).toContainText(/just now|ago/);
  await page.getByRole('button', { name: 'Connect a cluster' }).first().click();
  await page.getByLabel('Name of the cluster').fill('staging');
  await page.getByRole('button', { name: 'Create a join token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect a cluster' });
  await expect(dialog).toContainText(/npm run -s agent -- --server http:\/\/127\.0\.0\.1:\d+ --join \S+/);
  // The label has the input under it.
  await dialog.getByText('Helm', { exact: true }).click();
  await expect(dialog).toContainText(/helm upgrade --install cloudoptim-agent .*joinToken=/);
  await expect(dialog).toContainText('Pods cannot reach this address');
  await expect(dialog).toContainText('It is read-only');
  await axeFindsNothing(page);
  await dialog.getByRole('button', { name: 'Done' }).click();
});

test('a node is opened from the map and from the table, with its pods, and the address survives a reload', async () => {
  await page.goto(`${demo.url}/clusters/${shop}`);
  const map = page.getByRole('img', { name: /^Cluster map: 14 nodes/ });
  await map.hover({ position: { x: 40, y: 60 } });
  await expect(page.locator('.co-tip')).toContainText('requested');
  await map.click({ position: { x: 40, y: 60 } });
  const drawer = page.getByRole('dialog', { name: /^ip-10-0-/ });
  await expect(drawer.getByRole('table', { name: 'Pods of the node' })).toContainText('aws-node');
  await page.reload();
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await page.getByRole('combobox', { name: 'How nodes are grouped' }).click();
  await page.getByRole('option', { name: 'By owner' }).click();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await table('Nodes').getByRole('row').nth(1).press('Enter');
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await axeFindsNothing(page);
});

test('pods and workloads are found and exported; the agent tab tells how it is', async () => {
  await page.getByRole('tab', { name: /^Pods/ }).click();
  await page.getByRole('textbox', { name: 'Search pods' }).fill('ledger');
  await expect(table('Pods').getByRole('row')).toHaveCount(4);
  expect(await saved('pods')).toHaveLength(3);
  await page.getByRole('tab', { name: 'Workloads' }).click();
  const search = table('Workloads').getByRole('row', { name: /shop search Deployment/ });
  await expect(search).toContainText('Ready');
  expect(await saved('workloads')).toHaveLength(19);
  await axeFindsNothing(page);
  await page.getByRole('tab', { name: 'Agent' }).click();
  await expect(table('Agent')).toContainText('Connected');
  await expect(table('Agent').getByRole('row', { name: /Protocol/ })).toContainText(/\d/);
  await expect(table('Agent').getByRole('row', { name: /Dropped/ })).toContainText('none since its start');
  await axeFindsNothing(page);
});

test('what a plan orders is listed while it happens, with each step, and what changed is among the events', async () => {
  test.setTimeout(180_000);
  await page.goto(`${demo.url}/clusters/${shop}/tasks`);
  await expect(page.getByText('The agent has had nothing to do')).toBeVisible();
  const { models } = await demo.ask<{ models: { id: string }[] }>('/api/v1/ml/models/list');
  await demo.ask('/api/v1/ml/gap-filler/fill', { modelId: models[0]?.id });
  // Until the prices are there, nothing is known to be cheaper.
  await expect(async () => {
    await demo.ask('/api/v1/optimization/trigger', { clusterId: shop });
    const { plans } = await demo.ask<{ plans: { id: string; state: string }[] }>(
      '/api/v1/optimization/plans',
    );
    const plan = plans.find(({ state }) => state === 'proposed');
    expect(plan).toBeDefined();
    await demo.ask(`/api/v1/optimization/plans/${plan?.id}/approve`, {});
  }).toPass({ timeout: 120_000, intervals: [2_000] });
  const drain = table('Tasks').getByRole('row', { name: /Drain Node ip-10-0-.* Done/ });
  await drain.first().click({ timeout: 120_000 });
  const drawer = page.getByRole('dialog', { name: /^Drain Node/ });
  await expect(drawer.getByRole('list', { name: 'Steps' })).toContainText('Done');
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(
    table('Events')
      .getByRole('row', { name: /NodeGone/ })
      .first(),
  ).toBeVisible({
    timeout: 60_000,
  });
  await axeFindsNothing(page);
});

test('a cluster is planned for straight from a kubeconfig, without its agent, and the plan is saved', async () => {
  await page.goto(`${demo.url}/clusters`);
  await page.getByRole('button', { name: 'Plan from a kubeconfig' }).click();
  await expect(table('Contexts').getByRole('row', { name: /pretend/ })).toContainText('from the file');
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Read and plan for pretend' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Plan for pretend' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'Would save' })).toContainText('$', { timeout: 60_000 });
  await expect(page.getByRole('group', { name: 'Lower bound' })).toContainText(/\$\d/);
  await expect(table('Nodes that stay')).toContainText(/ip-10-0-/);
  await axeFindsNothing(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as Markdown' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('plan-pretend.md');
  expect(await readFile(await download.path(), 'utf8')).toMatch(/^# Plan\n[\s\S]+## Nodes that stay/);
  await page.reload();
  await page.getByRole('tab', { name: /Nodes that go and come/ }).click();
  await page.getByRole('link', { name: 'All contexts' }).click();
  await expect(table('Plans from kubeconfigs')).toContainText('Planned');
  expect(faults).toEqual([]);
});

test('ten thousand pods are searched and exported, and nothing of a cluster that is gone is made up', async () => {
  await page.goto(`${demo.url}/clusters/${large}/pods`);
  await expect(page.getByRole('img', { name: /^Cluster map: 1,000 nodes/ })).toBeVisible();
  const search = page.getByRole('textbox', { name: 'Search pods' });
  await expect(page.getByText('10,000', { exact: true }).first()).toBeVisible();
  await search.fill('node-777');
  await expect(page.getByText('10 of 10,000')).toBeVisible();
  await search.fill('');
  expect(await saved('pods')).toHaveLength(LARGE.pods);
  expect(await table('Pods').getByRole('row').count()).toBeLessThan(60);
  await page.getByRole('tab', { name: 'Events' }).click();
  await expect(table('Events')).toContainText('Spot interruption warning was triggered');
  await page.getByRole('tab', { name: 'Agent' }).click();
  await expect(table('Agent')).toContainText('12 of usage');
  expect(faults).toEqual([]);
  await page.goto(`${demo.url}/clusters/none`);
  await expect(page.getByText('This cluster is not known')).toBeVisible();
});
