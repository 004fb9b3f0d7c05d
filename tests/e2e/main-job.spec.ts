import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { hearElsewhere } from '../support/signed-in-page.ts';

/** The story of the README in a real browser, against the processes that `npm start` brings up. */
test.describe.configure({ mode: 'serial' });

let demo: Demo;
let page: Page;
const faults: string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  demo = await startDemo();
  const context = await browser.newContext();
  page = await context.newPage();
  hearElsewhere(page, demo, faults);
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error') faults.push(message.text());
  });
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

test('the link signs in, and the address keeps no token', async () => {
  await page.goto(demo.signInLink);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  expect(page.url()).not.toContain(demo.token);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});

test('the cluster shows its nodes, pods and hourly cost', async () => {
  await page.goto(`${demo.url}/clusters`);
  await page.getByRole('link', { name: 'small-shop' }).first().click();
  await expect(page.getByText(/\$\d+\.\d+\/h/).first()).toBeVisible();
  await expect(page.getByText(/ip-10-/).first()).toBeVisible();
});

test('a sample model says until when it was trained; its gap is filled, stopped, and filled to the end', async () => {
  await page.goto(`${demo.url}/models`);
  await expect(page.getByText(/trained until/i).first()).toBeVisible();
  await expect(page.getByText(/gap of \d+ days/i).first()).toBeVisible();
  await page
    .getByRole('button', { name: /^Fill gap/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Start filling' }).click();
  await expect(page.getByRole('progressbar', { name: 'Gap fill progress' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Stop filling' }).first().click();
  await expect(page.getByText(/stopped|cancelled/i).first()).toBeVisible();

  await page.reload();
  await page
    .getByRole('button', { name: /^Fill gap/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Start filling' }).click();
  await expect(page.getByRole('button', { name: /^Activate/ }).first()).toBeEnabled({ timeout: 120_000 });
  await page
    .getByRole('button', { name: /^Activate/ })
    .first()
    .click();
  await expect(page.getByText('champion').first()).toBeVisible({ timeout: 30_000 });
});

test("today's predictions are drawn against what then happened", async () => {
  await page.goto(`${demo.url}/forecasts`);
  const chart = page
    .getByRole('region', { name: 'Forecast against what happened' })
    .or(page.getByRole('img', { name: 'Forecast against what happened' }));
  await expect(chart.first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/persistence/i).first()).toBeVisible();
});

test('the Spot engine streams decisions; one is rejected, one approved and carried out, and savings move', async () => {
  await page.goto(`${demo.url}/decisions`);
  await page.getByRole('button', { name: 'Find savings' }).first().click();
  const plans = page.getByRole('link', { name: /^Replace / });
  await expect(plans.first()).toBeVisible({ timeout: 30_000 });

  await plans.nth(1).click();
  await page.getByRole('button', { name: 'Reject' }).first().click();
  await expect(page.getByText(/rejected/i).first()).toBeVisible();
  await page.keyboard.press('Escape');

  await page.goto(`${demo.url}/decisions`);
  await page
    .getByRole('link', { name: /^Replace / })
    .first()
    .click();
  const before = await realizedSavings();
  await page.getByRole('button', { name: 'Approve and start' }).first().click();
  await expect(page.getByText(/cordon/i).first()).toBeVisible();
  await expect.poll(planStates, { timeout: 120_000 }).toContain('succeeded');
  await expect.poll(realizedSavings, { timeout: 60_000 }).not.toBe(before);

  await page.goto(`${demo.url}/savings`);
  await expect(page.getByLabel('Realized savings').first()).toContainText('$');
});

test('a running plan is stopped, and its node is schedulable again', async () => {
  // What was proposed before the replacement may no longer fit: a new run looks at the cluster as it is now.
  await page.goto(`${demo.url}/decisions`);
  const before = new Set((await plans()).map(plan => plan.id));
  await page.getByRole('button', { name: 'Find savings' }).first().click();
  const isFresh = (plan: PlanLine) => plan.state === 'proposed' && !before.has(plan.id);
  await expect.poll(async () => (await plans()).some(isFresh), { timeout: 30_000 }).toBe(true);
  const fresh = (await plans()).filter(isFresh).toSorted((a, b) => b.pods.length - a.pods.length);
  const stateOf = async (id: string) => (await plans()).find(plan => plan.id === id)?.state ?? 'gone';

  let ended = 'none was approved';
  for (const { id } of fresh) {
    await page.goto(`${demo.url}/decisions/${id}`);
    await page.getByRole('button', { name: 'Approve and start' }).first().click();
    await expect.poll(() => stateOf(id), { timeout: 15_000 }).not.toBe('proposed');
    const stop = page.getByRole('button', { name: 'Stop' }).first();
    // A plan that was refused at its start, or ended already, has nothing to stop; the next one is tried.
    const hasStopped = await stop.click({ timeout: 5_000 }).then(
      () => true,
      () => false,
    );
    if (!hasStopped) continue;
    await expect.poll(() => stateOf(id), { timeout: 60_000 }).toMatch(/stopped|succeeded|failed/);
    ended = await stateOf(id);
    if (ended === 'stopped') break;
  }
  expect(ended).toBe('stopped');
});

for (const path of [
  '/',
  '/clusters',
  '/decisions',
  '/savings',
  '/forecasts',
  '/models',
  '/market',
  '/settings',
]) {
  test(`axe finds nothing on ${path}, dark or light`, async () => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(demo.url + path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag22aa'])
        .analyze();
      expect(violations.map(one => `${one.id}: ${one.nodes[0]?.target.join(' ')}`)).toEqual([]);
    }
  });
}

test('nothing went wrong in the browser meanwhile', () => {
  expect(faults).toEqual([]);
});

interface PlanLine {
  readonly id: string;
  readonly pods: readonly unknown[];
  readonly state: string;
}

async function read<T>(path: string): Promise<T> {
  const answer = await fetch(demo.url + path, { headers: { authorization: `Bearer ${demo.token}` } });
  return (await answer.json()) as T;
}

async function plans(): Promise<PlanLine[]> {
  return (await read<{ plans: PlanLine[] }>('/api/v1/optimization/plans')).plans;
}

async function planStates(): Promise<string[]> {
  return (await plans()).map(plan => plan.state);
}

async function realizedSavings(): Promise<number> {
  return (await read<{ summary: { realizedMicroUsd: number } }>('/api/v1/admin/savings')).summary
    .realizedMicroUsd;
}
