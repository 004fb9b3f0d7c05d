import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { reportLargeCluster } from '../support/large-cluster.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** A cluster packed anew, from the choice of the engine to realized savings, through the real agent. */
test.describe.configure({ mode: 'serial' });

let demo: Demo;
let page: Page;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  demo = await startDemo();
  ({ page, faults } = await openSignedIn(browser, demo));
  // Without prices of today, what comes on Spot could be booked at no price.
  const { models } = await demo.ask<{ models: { id: string }[] }>('/api/v1/ml/models/list');
  await demo.ask('/api/v1/ml/gap-filler/fill', { modelId: models[0]?.id });
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

interface PlanLine {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly remove: readonly { readonly name: string }[];
  readonly pods: readonly { readonly name: string; readonly to: string | null }[];
  readonly steps: readonly {
    readonly kind: string;
    readonly state: string;
    readonly node: { readonly name: string } | null;
  }[];
}

test('the engine is chosen, and one plan for the whole cluster comes with a bound', async () => {
  await page.goto(`${demo.url}/engines`);
  await page.getByRole('link', { name: 'bin-packing' }).click();
  await expect(page.getByText(/lower bound that no set of nodes/)).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'Engine of small-shop' }).click();
  await page.getByRole('option', { name: 'bin-packing' }).click();
  await page.getByRole('button', { name: 'Use from the next run on' }).click();
  await page.goto(`${demo.url}/decisions`);
  await page.getByRole('button', { name: 'Find savings' }).first().click();
  await page
    .getByRole('link', { name: /^(Replace \d+ nodes|Remove)/ })
    .first()
    .click({ timeout: 60_000 });
  await page.getByRole('link', { name: /Open the whole plan/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^(Replace|Remove)/);
});

test('its page shows before and after, every move and node, and what is left to gain', async () => {
  const plan = await firstPlan();
  expect(plan.kind).toBe('repack');
  await expect(page.getByText('Before: 14 nodes')).toBeVisible();
  await expect(page.getByText('Lower bound')).toBeVisible();
  const map = page.getByRole('img', { name: /Nodes before the plan/ });
  await map.hover({ position: { x: 40, y: 60 } });
  await expect(page.locator('.co-tip')).toContainText('requested before');
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Show the whole map' }).click();

  const [pod] = plan.pods;
  await page.getByRole('textbox', { name: 'Search moves of the plan' }).fill(pod?.name ?? '');
  await expect(page.getByRole('row', { name: new RegExp(pod?.name ?? '') })).toContainText(pod?.to ?? '');
  await page.getByRole('tab', { name: /^Nodes/ }).click();
  await expect(page.getByText('Goes', { exact: true })).toHaveCount(plan.remove.length);
  await page.getByRole('tab', { name: /^Steps/ }).click();
  await expect(page.getByText(/Cordon: the node takes no new pods/).first()).toBeVisible();
  await axeFindsNothing(page);
});

test('its page says it in the language of Karpenter, to copy, to download and to apply', async () => {
  await page.getByRole('tab', { name: 'For Karpenter' }).click();
  const change = page.getByRole('region', { name: 'NodePool general' });
  await expect(
    change.getByRole('row', { name: /consolidationPolicy WhenEmpty WhenEmptyOrUnderutilized/ }),
  ).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    change.getByRole('button', { name: 'Download nodepool-general.yaml' }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).toMatch(/^kind: NodePool$/m);
  await expect(change.getByText('kubectl patch nodepool general --type merge')).toBeVisible();
  await axeFindsNothing(page);
});

test('approved, it removes nodes wave by wave until it is done or says what no longer fits; no cordon is left', async () => {
  test.setTimeout(300_000);
  await page.getByRole('button', { name: 'Approve and start' }).click();
  await expect
    .poll(async () => (await firstPlan()).state, { timeout: 240_000 })
    .toMatch(/^(succeeded|stale|failed|stopped)$/);
  const ended = await firstPlan();
  // The scheduler may place pods otherwise than foreseen: the look before a wave then ends the plan, and what was done stays.
  expect(ended.state, ended.outcome ?? '').toMatch(/^(succeeded|stale)$/);
  expect(ended.outcome).toMatch(/drained and removed/);
  const removed = ended.steps.filter(({ kind, state }) => kind === 'delete-node' && state === 'done');
  expect(removed.length).toBeGreaterThan(0);
  const { clusters } = await demo.ask<{ clusters: { id: string }[] }>('/api/v1/admin/clusters');
  // The last of them may not be in the inventory yet.
  const cordoned = async () => {
    const path = `/api/v1/admin/clusters/${clusters[0]?.id}`;
    const { nodes } = await demo.ask<{ nodes: { cordoned: boolean; name: string }[] }>(path);
    return nodes.filter(node => node.cordoned).map(({ name }) => name);
  };
  await expect.poll(cordoned, { timeout: 20_000 }).toEqual([]);
  await page.goto(`${demo.url}/savings`);
  await expect
    .poll(async () => (await page.getByLabel('Realized savings').first().textContent()) ?? '', {
      timeout: 60_000,
    })
    .toMatch(/\$0\.0*[1-9]/);
  expect(faults).toEqual([]);
});

test('of a long plan the list tells the present, and its page finds every step', async () => {
  const clusterId = await reportLargeCluster(demo, 'platform', 100);
  await demo.ask('/api/v1/optimization/trigger', { clusterId, engine: 'bin-packing' });
  const { plans } = await demo.ask<{ plans: (PlanLine & { clusterId: string })[] }>(
    '/api/v1/optimization/plans',
  );
  const { id = '' } = plans.find(one => one.clusterId === clusterId) ?? {};
  const { steps } = await demo.ask<PlanLine>(`/api/v1/optimization/plans/${id}`);
  expect(steps.length).toBeGreaterThan(60);

  await page.goto(`${demo.url}/decisions/${id}`);
  const drawn = page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
  await expect(drawn).toHaveCount(40);
  await page.getByRole('button', { name: new RegExp(`Show .* more of ${steps.length} steps`) }).click();
  await expect(drawn).toHaveCount(Math.min(steps.length, 240));

  await page.goto(`${demo.url}/decisions/${id}/plan`);
  await page.getByRole('tab', { name: /^Steps/ }).click();
  const table = page.getByRole('table', { name: 'Steps of the plan' });
  await expect(table).toHaveAttribute('aria-rowcount', String(steps.length + 1));
  expect(await table.locator('tr[data-row]').count()).toBeLessThan(60);
  // The last step, which is not drawn, is found.
  const last = steps.findLast(({ kind }) => kind === 'drain');
  await page.keyboard.press('/');
  await page.keyboard.type(`drain ${last?.node?.name}`);
  await expect(table.locator('tr[data-row]')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await table.locator('tr[data-row]').first().focus();
  await page.keyboard.press('j');
  await axeFindsNothing(page);
  expect(faults).toEqual([]);
});

async function firstPlan(): Promise<PlanLine> {
  const { plans } = await demo.ask<{ plans: PlanLine[] }>('/api/v1/optimization/plans');
  if (!plans[0]) throw new Error('there is no plan');
  return plans[0];
}
