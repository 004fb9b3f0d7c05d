import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** What an owner of a cluster does with its policy, in a real browser against the product. */
test.describe.configure({ mode: 'serial' });

let demo: Demo;
let page: Page;
let cluster: { id: string; name: string };
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  demo = await startDemo();
  // The browser itself logs each refusal of the server that the page then shows.
  ({ page, faults } = await openSignedIn(browser, demo, { expected: /40[09]/, timezoneId: 'Europe/Berlin' }));
  const { clusters } = await demo.ask<{ clusters: (typeof cluster)[] }>('/api/v1/admin/clusters');
  const [first] = clusters;
  if (!first) throw new Error('the demo has no cluster');
  cluster = first;
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

const policyOf = (path = '') => demo.ask<Revision>(`/api/v1/optimization/policies/${cluster.id}${path}`);
const yaml = () => page.getByLabel(`Policy of ${cluster.name} as YAML`);
const open = (view: string) => page.goto(`${demo.url}/policies/${cluster.id}?view=${view}`);

test('the form shows help, units and defaults, and saves after its diff', async () => {
  await page.getByRole('link', { name: 'Policies' }).click();
  await expect(page.getByText('nothing was saved: the built-in defaults hold')).toBeVisible();
  await page.getByRole('combobox', { name: 'Policy of' }).click();
  await page.getByRole('option', { name: `${cluster.name} (follows the default)` }).click();
  await expect(page.getByText('On-demand floor', { exact: true })).toBeVisible();
  await expect(
    page.getByText('At least this part of the nodes stays on-demand. Default: 20 %.'),
  ).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole('textbox', { name: 'On-demand floor', exact: true }).fill('50');
  await page.getByRole('combobox', { name: 'Mode' }).click();
  await page.getByRole('option', { name: 'approve' }).click();
  await page.getByRole('button', { name: 'Review and save' }).click();
  const dialog = page.getByRole('dialog');
  const diff = dialog.getByLabel('What changes');
  await expect(diff).toContainText('− mode: recommend');
  await expect(diff).toContainText('+   onDemandShare: 0.5');
  await dialog.getByLabel('Note').fill('half on-demand');
  await dialog.getByRole('button', { name: 'Save as revision 1' }).click();
  await expect(page.getByText(/revision 1, saved by/)).toBeVisible();
  expect(await policyOf()).toMatchObject({
    document: { mode: 'approve', decisions: { onDemandShare: 0.5 } },
  });
});

test('YAML with a wrong zone is told by one sentence and cannot be saved; the next ten windows are shown', async () => {
  await open('yaml');
  await yaml().fill(
    'mode: approve\nwindows:\n  allow:\n    - { name: nights, zone: Asia/Kolkatta, from: "22:00", to: "05:30" }\n',
  );
  const problems = page.getByRole('list', { name: 'Problems' });
  await expect(problems).toContainText('windows.allow.0.zone is "Asia/Kolkatta", which is no IANA time zone');
  await expect(page.getByRole('button', { name: 'Review and save' })).toHaveAttribute('aria-disabled');
  await yaml().fill((await yaml().inputValue()).replace('Kolkatta', 'Kolkata'));
  await expect(problems).toBeHidden();
  await page.getByRole('tab', { name: 'Windows and effect' }).click();
  const rows = page.getByRole('table', { name: 'Next windows' }).getByRole('row');
  await expect(rows).toHaveCount(11);
  await expect(rows.nth(2)).toContainText('22:00');
  await expect(rows.nth(2)).toContainText('17:30');
});

test('of two who edit at the same time the second sees both versions', async () => {
  await saveElsewhere({ mode: 'recommend', runEveryMs: 7_200_000 }, 1);
  await page.getByRole('button', { name: 'Review and save' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^Save as revision/ }).click();
  await expect(dialog.getByText('Somebody saved another version')).toBeVisible();
  await expect(dialog.getByLabel('What they changed')).toContainText('+ runEveryMs: 7200000');
  await expect(dialog.getByLabel('From theirs to yours')).toContainText('+ runEveryMs: 3600000');
  await dialog.getByRole('button', { name: 'Save mine as revision 3' }).click();
  await expect(page.getByText(/revision 3, saved by/)).toBeVisible();
  expect(await policyOf()).toMatchObject({ document: { windows: { allow: [{ zone: 'Asia/Kolkata' }] } } });
});

test('an older revision comes back as the newest', async () => {
  await page.getByRole('tab', { name: 'History' }).click();
  const list = page.getByRole('table', { name: 'Revisions' });
  await list.getByText('half on-demand').click();
  await page.getByRole('button', { name: 'Go back to revision 1' }).click();
  await page.getByRole('button', { name: 'Save it as revision 4' }).click();
  await expect(list).toContainText('revision 1 again');
  expect(await policyOf()).toMatchObject({
    revision: 4,
    revertedFrom: 1,
    document: { windows: { allow: [] } },
  });
});

test('a freeze is saved with its reason, and ended again', async () => {
  await page.getByRole('button', { name: 'Freeze', exact: true }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('Black Friday');
  await page.getByRole('button', { name: 'Freeze for 24 h' }).click();
  await expect(page.getByText(/^frozen, ends/)).toBeVisible();
  expect(await policyOf()).toMatchObject({ document: { freeze: { reason: 'Black Friday' } } });
  await page.getByRole('button', { name: 'End the freeze' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End the freeze' }).click();
  await expect(page.getByText(/^frozen, ends/)).toBeHidden();
});

test('the kill switch is confirmed, shown on every page, and taken back', async () => {
  await page.goto(`${demo.url}/policies`);
  await page.getByRole('button', { name: 'Stop everything in all clusters' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('odd latencies');
  await page.getByRole('button', { name: 'Switch it on' }).click();
  const banner = page.getByRole('alert', { name: 'Kill switch' });
  await expect(banner).toContainText('Kill switch on for all clusters.');
  await page.getByRole('link', { name: 'Savings' }).click();
  await expect(banner).toContainText('odd latencies');
  await axeFindsNothing(page);
  await banner.getByRole('link', { name: 'Policies' }).click();
  await page.getByRole('button', { name: 'Switch the kill switch off' }).click();
  await page.getByRole('button', { name: 'Switch it off' }).click();
  await expect(banner).toBeHidden();
});

test('nothing broke on the way', () => {
  expect(faults).toEqual([]);
});

interface Revision {
  readonly revision: number;
  readonly document: Record<string, unknown>;
}

async function saveElsewhere(document: object, baseRevision: number): Promise<void> {
  await demo.ask(`/api/v1/optimization/policies/${cluster.id}/save`, { document, baseRevision });
}
