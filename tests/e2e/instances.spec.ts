import { expect, type Page, test } from '@playwright/test';
import type { Plan } from '../../common/contracts/index.ts';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** Instances of a node group: what the page says while nobody may end them, and once CloudOptim may. */
test.describe.configure({ mode: 'serial' });

let demo: Demo;
let page: Page;
let clusterId: string;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  demo = await startDemo({}, ['--general-owner', 'node-group']);
  const { clusters } = await demo.ask<{ clusters: { id: string }[] }>('/api/v1/admin/clusters');
  clusterId = clusters[0]?.id ?? '';
  const { models } = await demo.ask<{ models: { id: string }[] }>('/api/v1/ml/models/list');
  await demo.ask('/api/v1/ml/gap-filler/fill', { modelId: models[0]?.id });
  ({ page, faults } = await openSignedIn(browser, demo));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

/** A plan of a fresh run for an on-demand node, once there is one. */
async function planForGroup(): Promise<Plan> {
  let found: Plan | undefined;
  await expect(async () => {
    const run = await demo.ask<{ id: string }>('/api/v1/optimization/trigger', { clusterId });
    const { plans } = await demo.ask<{ plans: Plan[] }>('/api/v1/optimization/plans');
    found = plans.find(
      ({ runId, remove }) =>
        runId === run.id && remove.some(({ capacityType }) => capacityType === 'on-demand'),
    );
    expect(found).toBeDefined();
  }).toPass({ timeout: 120_000, intervals: [2_000] });
  if (!found) throw new Error('there is no plan');
  return found;
}

test('a plan says that the instance goes on costing while CloudOptim may not end it', async () => {
  test.setTimeout(180_000);
  const plan = await planForGroup();
  await page.goto(`${demo.url}/decisions/${plan.id}/plan`);
  const note = page.getByRole('alert').filter({ hasText: 'An instance goes on costing after this plan' });
  await expect(note).toContainText(/goes on costing \$0\.\d+\/h until somebody ends it/);
  const approve = page.getByRole('button', { name: 'Approve and start' });
  await expect(approve).toHaveAttribute(
    'aria-description',
    /belongs to .*would keep or bring back its instance/,
  );
  await expect(page.getByRole('group', { name: /^Saves, once every instance is ended/ })).toBeVisible();
  await axeFindsNothing(page);
});

test('the name of the cluster in AWS lets plans end instances, and a wrong one is refused in words', async () => {
  await page.goto(`${demo.url}/clusters/${clusterId}`);
  const name = page.getByLabel('End instances of the cluster that AWS calls');
  const card = page.locator('.co-card').filter({ has: name });
  await name.fill('other-shop');
  await card.getByRole('button', { name: 'Save' }).click();
  await expect(card).toContainText(
    /None of the \d+ instances of this cluster carries the tag kubernetes.io\/cluster\/other-shop in us-east-1/,
  );
  await name.fill('small-shop');
  await card.getByRole('button', { name: 'Save' }).click();
  await expect(card).toContainText('Chosen by');
  await axeFindsNothing(page);
});

test('a plan shows which instance it ends, how its group shrinks, and that nothing brings it back', async () => {
  const plan = await planForGroup();
  await page.goto(`${demo.url}/decisions/${plan.id}/plan`);
  await expect(page.getByText('An instance goes on costing after this plan')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Approve and start' })).not.toHaveAttribute('aria-disabled');
  await page.getByRole('tab', { name: /^Steps/ }).click();
  await expect(
    page.getByText(
      /End instance i-0[0-9a-f]+: Auto Scaling group eks-general-c8c7a3f2 shrinks from 11 to 10; nothing brings it back/,
    ),
  ).toBeVisible();
  await expect(
    page.getByText(/Stop gives back what still stands, but no instance that was ended/),
  ).toBeVisible();
  await axeFindsNothing(page);
  expect(faults.filter(fault => !fault.includes('400'))).toEqual([]);
});
