import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** What an operator does with Spot prices, in a real browser against the product and its pretend region. */
test.describe.configure({ mode: 'serial' });

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** Three whole days without a record, and the days of the archive around them. */
const HOLE = { fromMs: today - 6 * DAY_MS, toMs: today - 3 * DAY_MS };
const ARCHIVE_FROM = today - 12 * DAY_MS;
const POOLS = ['m5.large', 'c5.large'].flatMap(type => ['a', 'b', 'c'].map(zone => [type, zone] as const));

let demo: Demo;
let page: Page;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  demo = await startDemo();
  // The browser itself logs each refusal of the server that the page then shows.
  ({ page, faults } = await openSignedIn(browser, demo, { expected: /40\d|422/, acceptDownloads: true }));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

test('without prices every tab says what it is for and what to do', async () => {
  await page.goto(`${demo.url}/market`);
  await expect(page.getByText('No prices on disk', { exact: true })).toBeVisible();
  await axeFindsNothing(page);
  for (const tab of ['History', 'Coverage']) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByText('No prices on disk', { exact: true })).toBeVisible();
  }
  await page.getByRole('tab', { name: 'Collections' }).click();
  await expect(page.getByText('Nothing is collected')).toBeVisible();
  await axeFindsNothing(page);
});

test('a damaged archive changes nothing, until what comes before the damage is asked for', async () => {
  await page.getByRole('tab', { name: 'Import' }).click();
  const sound = csvOf([['m5.large', 'a']], today - 20 * DAY_MS, today - 19 * DAY_MS);
  const lines = sound.split('\n');
  lines.splice(3, 0, 'this line is none');
  await choose({ name: 'broken.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
  const line = page.getByRole('article', { name: 'Import of broken.csv' }).first();
  await expect(line).toContainText('line 4 is damaged');
  await line.getByRole('button', { name: 'Import the 2 rows before line 4' }).click();
  await expect(page.getByText('Imported up to the damage: line 4')).toBeVisible();
  await axeFindsNothing(page);
});

test('an archive is imported, and its pools appear and are found', async () => {
  const csv = csvOf(POOLS, ARCHIVE_FROM, today + 6 * HOUR_MS);
  await choose({ name: 'prices.csv.gz', mimeType: 'application/gzip', buffer: gzipSync(csv) });
  const line = page.getByRole('article', { name: 'Import of prices.csv.gz' });
  await expect(line).toContainText('Imported');
  await expect(line).toContainText('of 6 pools');
  await expect(line).toContainText('It vouches for us-east-1, Linux/UNIX, 2 types');
  await page.getByRole('tab', { name: 'Pools' }).click();
  const table = page.getByRole('table', { name: 'Pools' });
  await expect(table.locator('tbody tr')).toHaveCount(6);
  await expect(table).toContainText('us-east-1c');
  await page.keyboard.press('/');
  await page.keyboard.type('c5 1b');
  await expect(page.getByText('1 of 6')).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Clear the search' }).click();
  // A filter is part of the address.
  await page.goto(`${demo.url}/market?family=m5`);
  await expect(table.locator('tbody tr')).toHaveCount(3);
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save pools as CSV' }).click(),
  ]);
  const [head, first] = readFileSync(await saved.path(), 'utf8').split('\r\n');
  expect(head).toContain('"Price now, USD/h"');
  expect(first).toMatch(/^m5\.large,us-east-1a,2,8,0\.04/);
});

test('the history of two pools is one picture, with exact values, zoom and export', async () => {
  await page.goto(`${demo.url}/market`);
  await page.getByRole('checkbox', { name: 'Choose m5.large, us-east-1a' }).check();
  await page.keyboard.press('j');
  await page.locator('tr[data-row]').nth(4).focus();
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'History of 2 pools' }).click();
  const legend = page.getByRole('region', { name: 'Legend' });
  await expect(legend.getByRole('button')).toHaveCount(2);
  const chart = page.getByRole('application', { name: /Spot prices of 2 pools/ });
  // The picture is drawn once its width is known; a key before that is nobody's.
  await expect(async () => {
    await chart.focus();
    await page.keyboard.press('+');
    await expect(page.getByText(/Zoomed to/)).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  await page.keyboard.press('0');
  await expect(page.getByText('Drag to zoom')).toBeVisible();
  for (let press = 0; press < 12; press++) await page.keyboard.press('ArrowRight');
  await expect(chart).toContainText(/m5\.large, us-east-1[abc].*\$0\.0\d+\/h.*since/);
  await legend.getByRole('button').first().click();
  await expect(page.getByText('1 of 2 lines shown.')).toBeVisible();
  await page.getByRole('switch', { name: 'Logarithmic' }).check();
  await page.getByRole('switch', { name: 'On-demand price' }).check();
  await page.reload();
  await expect(page.getByRole('switch', { name: 'Logarithmic' })).toBeChecked();
  await axeFindsNothing(page);
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the history as CSV' }).click(),
  ]);
  const rows = readFileSync(await csv.path(), 'utf8').split('\r\n');
  // The picture has a gap where the archive has one: a price, then none.
  expect(rows.filter(row => row.endsWith('Z,')).length).toBeGreaterThanOrEqual(2);
  const [png] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the history as PNG' }).click(),
  ]);
  expect(
    readFileSync(await png.path())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
});

test('coverage shows the hole; a dry run says what filling it takes; filled, it is gone', async () => {
  await page.getByRole('tab', { name: 'Coverage' }).click();
  expect(await cellsOf('m5.large')).toMatch(/3n/);
  const map = page.getByRole('application', { name: /Coverage of us-east-1/ });
  await map.focus();
  // From today, at the right end of the second row, back into the hole.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  for (let day = 0; day < 4; day++) await page.keyboard.press('ArrowLeft');
  await expect(page.getByText('EC2 still keeps this day: fill it.', { exact: true })).toBeVisible();
  await axeFindsNothing(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'm5.large' })).toContainText('Never asked for');
  await page.getByRole('button', { name: 'Fill 3 days' }).click();
  const dialog = page.getByRole('dialog', { name: 'Fill from EC2' });
  await expect(dialog.getByText('EC2 answers')).toBeVisible();
  await expect(dialog.getByRole('table', { name: 'What the fill takes' })).toContainText('Requests to EC2');
  await expect(dialog).toContainText(/3 d/);
  await axeFindsNothing(page);
  await dialog.getByRole('button', { name: 'Start filling' }).click();
  await expect(page.getByRole('region', { name: 'Fills that run' })).toContainText(/Filled/, {
    timeout: 60_000,
  });
  await expect.poll(() => cellsOf('m5.large')).not.toMatch(/h\d*n\d+p?h|3n/);
  expect(await cellsOf('c5.large')).toMatch(/3n/);
  await page.reload();
  await expect(page.getByRole('table', { name: 'Fills' })).toContainText('us-east-1; Linux/UNIX; m5.large');
});

test('a fill of time before the 90 days says that an archive is needed', async () => {
  await page.getByRole('button', { name: 'Fill from EC2' }).click();
  const dialog = page.getByRole('dialog', { name: 'Fill from EC2' });
  await dialog.getByLabel('First day (UTC)').fill(dayOf(today - 200 * DAY_MS));
  await dialog.getByLabel('Last day (UTC), empty: now').fill(dayOf(today - 150 * DAY_MS));
  await expect(dialog.getByText(/need an archive/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Start filling' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await dialog.getByText('What a model needs').click();
  await dialog.getByRole('combobox', { name: 'Model' }).click();
  await page.getByRole('option').first().click();
  await expect(dialog.getByRole('table', { name: 'What the fill takes' })).toBeVisible();
  await page.keyboard.press('Escape');
});

test('a collection is added, changed, switched off and removed', async () => {
  await page.goto(`${demo.url}/market/collections`);
  await page.getByRole('button', { name: 'Add a collection' }).click();
  await page.getByRole('combobox', { name: 'Regions' }).fill('us-east-1');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Instance types' }).fill('m5.large');
  await page.keyboard.press('Enter');
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Start to collect' }).click();
  const table = page.getByRole('table', { name: 'Collections' });
  await expect(table).toContainText('us-east-1; Linux/UNIX; m5.large');
  await expect(table).toContainText('works', { timeout: 60_000 });
  await table.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('combobox', { name: 'Instance types' }).fill('c5.large');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Collect this instead' }).click();
  await expect(table).toContainText('2 types');
  await table.getByRole('switch').press(' ');
  await expect(table).toContainText('when it is on');
  await axeFindsNothing(page);
  await table.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Collect this no more' }).click();
  await expect(page.getByText('Nothing is collected')).toBeVisible();
});

test('commitments are understood line by line, and change effective prices until they are forgotten', async () => {
  await page.goto(`${demo.url}/market/catalog`);
  await expect(page.getByRole('table', { name: 'Sources of the catalog' })).toContainText('Spot advisor');
  const csv = [
    'kind,region,instance_type,count,usd_per_hour,percent',
    'reserved-instance,us-east-1,m5.large,4,0.05,',
    'discount,,,,,7',
  ].join('\n');
  await choose({ name: 'agreed.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }, 'Send a file');
  const lines = page.getByRole('table', { name: 'Commitments' });
  await expect(lines.locator('tbody tr')).toHaveCount(2);
  await expect(lines).toContainText('4 × m5.large');
  await expect(page.getByRole('table', { name: 'Effective prices' })).toContainText('reservation 1');
  await axeFindsNothing(page);
  await page.goto(`${demo.url}/market?family=m5`);
  await expect(page.getByRole('table', { name: 'Pools' })).toContainText('$0.0500/h');
  await page.goto(`${demo.url}/market/catalog`);
  await page.getByRole('button', { name: 'Forget them' }).click();
  await page.getByRole('button', { name: 'Forget the commitments' }).click();
  await expect(page.getByText('List prices hold', { exact: true })).toBeVisible();
  const wrong = 'kind,region\nreserved-instance,us-east-1';
  await choose({ name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from(wrong) }, 'Send a file');
  await expect(page.getByRole('alert')).toBeVisible();
});

test('a viewer sees everything and is told which role acting needs', async () => {
  const answer = await fetch(`${demo.url}/api/v1/admin/tokens`, {
    method: 'POST',
    headers: { ...authorization(), 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'looker', role: 'viewer' }),
  });
  const { secret } = (await answer.json()) as { secret: string };
  await page.goto(`${demo.url}/settings`);
  await page.goto(`${demo.url}/#token=${secret}`);
  await expect(page.getByRole('button', { name: 'Signed in as looker' })).toBeVisible();
  await page.goto(`${demo.url}/market/coverage`);
  await expect(page.getByRole('application', { name: /Coverage of/ })).toBeVisible();
  for (const name of ['Fill from EC2', 'Import archives'])
    await expect(page.getByRole('button', { name })).toHaveAttribute('aria-disabled', 'true');
  for (const tab of ['Pools', 'History', 'Import', 'Collections', 'Catalog']) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('tabpanel')).toBeVisible();
  }
  await expect(page.getByRole('button', { name: 'Refresh', exact: true })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
});

test('nothing went wrong in the browser meanwhile', () => {
  expect(faults).toEqual([]);
});

/** A record of each pool every six hours but in the hole, with a price that moves now and then. */
function csvOf(pools: readonly (readonly [string, string])[], fromMs: number, toMs: number): string {
  const rows = ['timestamp,instance_type,availability_zone,product,price_usd'];
  for (let at = fromMs; at < Math.min(toMs, Date.now()); at += 6 * HOUR_MS) {
    if (at >= HOLE.fromMs - 6 * HOUR_MS && at < HOLE.toMs) continue;
    for (const [index, [type, zone]] of pools.entries()) {
      const price = 0.04 + 0.001 * index + 0.0001 * (Math.floor(at / DAY_MS) % 7);
      rows.push(`${new Date(at).toISOString()},${type},us-east-1${zone},Linux/UNIX,${price.toFixed(4)}`);
    }
  }
  return rows.join('\n');
}

async function choose(
  file: { name: string; mimeType: string; buffer: Buffer },
  button = 'Choose files',
): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: button }).click(),
  ]);
  await chooser.setFiles(file);
}

/** What the server says of the days of a type, in its first zone. */
async function cellsOf(type: string): Promise<string> {
  const query = `region=us-east-1&product=Linux%2FUNIX&fromMs=${ARCHIVE_FROM}&toMs=${today}`;
  const answer = await fetch(`${demo.url}/api/v1/ml/market/coverage-map?${query}`, {
    headers: authorization(),
  });
  const map = (await answer.json()) as { types: string[]; type: number[]; cells: string[] };
  return map.cells[map.type.indexOf(map.types.indexOf(type))] ?? '';
}

const authorization = () => ({ authorization: `Bearer ${demo.token}` });

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
