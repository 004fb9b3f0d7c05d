import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page, test } from '@playwright/test';
import { offerFileText } from '../../server/market/catalog/offer-file.fixture.ts';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { axeFindsNothing, hearElsewhere } from '../support/signed-in-page.ts';

/** How the catalog is brought up to date, and zones get their names, in a real browser; what AWS publishes is served from here. */
test.describe.configure({ mode: 'serial' });

const REGION = 'us-east-1';
const PRICES = `/offers/v1.0/aws/AmazonEC2/current/${REGION}/index.json`;
const offer = (types: number) => [...offerFileText({ region: REGION, types, reserved: 20 })].join('');
const feed = {
  ranges: [{ index: 0, label: '<5%', dots: 0, max: 5 }],
  spot_advisor: { [REGION]: { Linux: { 'm5.large': { s: 61, r: 0 } } } },
};

let published: Server;
/** Whether the feed of the advisor can be had. */
let isAdvisorThere = false;
let demo: Demo;
let page: Page;
const faults: string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  published = createServer((request, response) => {
    if (request.url === PRICES) response.end(offer(6));
    else if (request.url === '/feed.json' && isAdvisorThere) response.end(JSON.stringify(feed));
    else response.writeHead(404).end();
  });
  await new Promise<void>(resolve => published.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(published.address() as AddressInfo).port}`;
  demo = await startDemo({
    CLOUDOPTIM_PRICE_LIST_URL: url,
    CLOUDOPTIM_SPOT_ADVISOR_URL: `${url}/feed.json`,
  });
  page = await (await browser.newContext()).newPage();
  hearElsewhere(page, demo, faults);
  page.on('pageerror', error => faults.push(String(error)));
  await page.goto(demo.signInLink);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
  published?.closeAllConnections();
  published?.close();
});

const sources = () => page.getByRole('table', { name: 'Sources of the catalog' });

async function refresh(): Promise<void> {
  await page.getByRole('button', { name: 'Refresh', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Refresh the catalog' });
  await dialog.getByRole('checkbox', { name: 'Sizes of types' }).uncheck();
  await axeFindsNothing(page);
  await dialog.getByRole('button', { name: 'Start to refresh' }).click();
  await expect(dialog).toHaveCount(0);
}

test('a refresh takes what is published, and says what failed and stays as it was', async () => {
  await page.goto(`${demo.url}/market/catalog`);
  await expect(sources()).toContainText('Spot advisor', { timeout: 60_000 });
  await refresh();
  await expect(page.getByText('Refresh failed')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^Spot advisor: .*404/)).toBeVisible();
  await expect(sources()).toContainText(/List prices\s*us-east-1/);
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Put the refresh away' }).click();
});

test('the next one brings the rest, and types show what was published', async () => {
  isAdvisorThere = true;
  await refresh();
  await expect(page.getByText('Refreshed', { exact: true })).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('/');
  await page.keyboard.type('m5.large');
  const row = page.getByRole('table', { name: 'Instance types' }).getByRole('row', { name: /m5\.large/ });
  await expect(row.first()).toContainText('5 %');
});

test('an offer file is imported by the page, another file is refused in words', async () => {
  await choose('Import a file', 'index.json', offer(9));
  await expect(page.getByRole('status').filter({ hasText: 'index.json:' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Put index.json away' }).click();
  await choose('Import a file', 'other.json', '{"nothing": 1}');
  await expect(page.getByRole('alert')).toBeVisible({ timeout: 60_000 });
  await axeFindsNothing(page);
});

test('zones that a file tells by id get their names, and their pools stand under these', async () => {
  await page.goto(`${demo.url}/market/import`);
  const hour = 3_600_000;
  const rows = Array.from({ length: 6 }, (_, index) => {
    const at = new Date(Date.now() - (12 - index) * hour).toISOString();
    return `${at},m5.large,use1-az4,Linux/UNIX,0.0400`;
  });
  const csv = `timestamp,instance_type,availability_zone,product,price_usd\n${rows.join('\n')}\n`;
  await choose('Choose files', 'ids.csv', csv);
  await page.getByRole('textbox', { name: 'use1-az4' }).fill('somewhere');
  await expect(page.getByText('A zone is written like eu-west-1a')).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole('textbox', { name: 'use1-az4' }).fill('us-east-1b');
  await page.getByRole('button', { name: 'Import again with these names' }).click();
  await expect
    .poll(async () => {
      await page.goto(`${demo.url}/market?type=m5.large`);
      return page.getByRole('table', { name: 'Pools' }).textContent();
    })
    .toContain('us-east-1b');
});

test('nothing went wrong in the browser meanwhile', () => {
  expect(faults).toEqual([]);
});

async function choose(button: string, name: string, text: string): Promise<void> {
  const chosen = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).first().click();
  await (await chosen).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
}
