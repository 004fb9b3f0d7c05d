import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { linearModel } from '../support/linear-model.ts';
import { madeRecording } from '../support/made-recording.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** What the Forecasts page tells of models with and without a band, and of risks, in a real browser against the product. */
test.describe.configure({ mode: 'serial' });

const DAY_MS = 86_400_000;
let demo: Demo;
let page: Page;
let bands: string;
let risks: string;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  demo = await startDemo();
  // The browser itself logs each refusal of the server that the page then shows.
  ({ page, faults } = await openSignedIn(browser, demo, { expected: /400/, acceptDownloads: true }));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

test('before there is a price it says so, and what to do next', async () => {
  await page.goto(`${demo.url}/forecasts`);
  await expect(page.getByText('No prediction yet')).toBeVisible();
  await expect(page.getByText('Persistence serves')).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole('link', { name: 'Fill the gap' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('once prices are there, a model is judged in words, and its band is drawn with what simple rules say', async () => {
  const [first] = await models();
  await send('/api/v1/ml/gap-filler/fill', { modelId: first?.id });
  await expect
    .poll(async () => (await models()).every(({ state }) => state === 'ready'), { timeout: 120_000 })
    .toBe(true);
  const trainedUntil = new Date(Date.now() - 12 * DAY_MS).toISOString();
  const base = { version: '1.0.0', trainedUntil, horizonHours: 24, scope: { regions: ['us-east-1'] } };
  bands = await upload(
    linearModel([
      { name: 'p10', weights: [-0.1, -1.3], bias: -0.001 },
      { name: 'p50', weights: [0.2, 0] },
      { name: 'p90', weights: [0.1, 1.3], bias: 0.001 },
    ]),
    {
      ...base,
      name: 'Bands',
      task: 'spot-price',
      target: 'log-return',
      features: [{ name: 'return_24h' }, { name: 'std_24h_to_last' }],
      outputs: [
        { name: 'p10', quantile: 0.1 },
        { name: 'p50', quantile: 0.5 },
        { name: 'p90', quantile: 0.9 },
      ],
    },
  );
  risks = await upload(linearModel([{ name: 'p', weights: [8], bias: -6, isLogistic: true }]), {
    ...base,
    name: 'Risks',
    task: 'interruption',
    target: 'probability',
    features: [{ name: 'price_to_on_demand' }],
  });
  await page.goto(`${demo.url}/forecasts?model=${bands}`);
  await expect(page.getByText(/the model is off by .* on average, persistence/)).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByText('Predicted band, 10 % to 90 %')).toBeVisible();
  await expect(page.getByText(/quantiles lay .* of .* prices, where 80 % should/)).toBeVisible();
  await expect(page.getByText('Persistence (the last price stays)')).toBeVisible();
  await expect(page.getByText('Seasonal (the price of a week before)')).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Seasonal' }).check();
  await expect(page.getByText('Seasonal (the price of a week before)')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Band' }).uncheck();
  await expect(page.getByText('Predicted band, 10 % to 90 %')).toHaveCount(0);
  await page.reload();
  // The choice is remembered.
  await expect(page.getByText('Seasonal (the price of a week before)')).toBeVisible();
  await expect(page.getByText('Predicted band, 10 % to 90 %')).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Band' }).check();
  await axeFindsNothing(page);
});

test('a pool is found by searching, opened by the keyboard, kept in the address, and the table is exported', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('m5.large us-east-1b');
  const row = page.getByRole('table', { name: 'Forecasts by pool' }).getByRole('row', { name: /m5\.large/ });
  await expect(row).toHaveCount(1);
  await row.focus();
  await page.keyboard.press('Enter');
  const key = 'us-east-1/us-east-1b/m5.large/Linux/UNIX';
  await expect(
    page.getByRole('img', { name: `Predicted and actual price of ${key} over time` }),
  ).toBeVisible();
  await page.reload();
  await expect(
    page.getByRole('img', { name: `Predicted and actual price of ${key} over time` }),
  ).toBeVisible();

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /CSV/ }).click(),
  ]);
  const [header, ...lines] = readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\r\n');
  expect(header).toBe('Instance type,Zone,Now,Predicted,Change,Band,Error so far,Persistence error');
  expect(lines.length).toBeGreaterThan(200);
  const [, , now, predicted, change] = lines[0]?.split(',') ?? [];
  expect(Number(predicted) / Number(now) - 1).toBeCloseTo(Number(change), 9);
});

test('a model without quantiles has no band, and another one is chosen in place', async () => {
  await page.getByRole('combobox', { name: 'Model' }).click();
  await page.getByRole('option', { name: /Spot price, ridge/ }).click();
  await expect(page.getByText('This model gives no quantiles, so there is no band.')).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Band' })).toHaveCount(0);
  await expect(page.getByRole('group', { name: 'Prices within the band' })).toContainText('no band');
});

test('risks say that nothing can be compared yet, who serves, and the pools by risk', async () => {
  await page.goto(`${demo.url}/forecasts?model=${risks}`);
  await expect(page.getByText('Nothing to compare with yet')).toBeVisible();
  await expect(page.getByText('The advisor serves')).toBeVisible();
  const table = page.getByRole('table', { name: 'Interruption risk by pool' });
  const cells = await table.getByRole('row').nth(1).getByRole('cell').allTextContents();
  expect(cells[2]).toMatch(/ %$/);
  await axeFindsNothing(page);
});

test('a model is tested on past prices: progress, report, pools, files, and what it is worth', async () => {
  await page.goto(`${demo.url}/forecasts`);
  await page.getByRole('link', { name: 'Evaluation on past prices' }).click();
  await expect(page.getByText('Nothing was tested yet')).toBeVisible();
  await page.getByRole('link', { name: 'Test a model…' }).first().click();
  await expect(page.getByRole('button', { name: 'Start the test' })).toBeDisabled();
  await page.getByRole('combobox', { name: 'What to test' }).fill('Bands');
  await page.getByRole('option', { name: 'Bands 1.0.0' }).click();
  await page.getByRole('checkbox', { name: 'Also say what it is worth in dollars' }).check();
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Start the test' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Bands on past prices' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'Verdict' })).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText('Between its outer quantiles lie')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Policies' })).toContainText('hindsight-optimal');
  await expect(page.getByRole('table', { name: 'Pools of the test' })).toContainText('us-east-1/us-east-1a/');
  await axeFindsNothing(page);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Pools (CSV)' }).click();
  expect((await download).suggestedFilename()).toContain('pools.csv');
  await page.reload();
  await expect(page.getByRole('group', { name: 'Verdict' })).toBeVisible();
});

test('a model of interruptions is tested on a recording: scores, calibration, pools, and its worth in dollars', async () => {
  await page.goto(`${demo.url}/forecasts/backtests?new=1`);
  await page.getByRole('combobox', { name: 'What to test' }).fill('Risks');
  await page.getByRole('option', { name: 'Risks 1.0.0' }).click();
  await expect(page.getByRole('button', { name: 'Start the test' })).toBeDisabled();
  const choose = async (buffer: Buffer, name: string) => {
    const chosen = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: /Choose a file|Another file/ }).click();
    await (await chosen).setFiles({ name, mimeType: 'text/csv', buffer });
  };
  await choose(Buffer.from('a,b\n1,2\n'), 'other.csv');
  await expect(page.getByText('is no recording of availability')).toBeVisible();
  const start = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 11 * DAY_MS).toISOString();
  await choose(gzipSync(madeRecording(10, { start })), 'made.csv.gz');
  await expect(page.getByText(/made\.csv\.gz: 4 pools/)).toBeVisible();
  await page.getByRole('checkbox', { name: 'Also say what it is worth in dollars' }).check();
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Start the test' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Risks on made.csv.gz' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'Skill against the base rate' })).toBeVisible({
    timeout: 90_000,
  });
  await expect(page.getByRole('img', { name: /^Calibration: predicted/ })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Model and simple rules' })).toContainText('Persistence');
  const worth = page.getByRole('table', { name: 'Policies' });
  await expect(worth.getByRole('row', { name: /^model/ })).toBeVisible();
  await expect(worth.getByRole('row', { name: /^hindsight-optimal/ })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Pools of the test' })).toContainText(
    'us-east-1/us-east-1a/m5.large',
  );
  await axeFindsNothing(page);
});

test('nothing went wrong in the browser meanwhile', () => {
  expect(faults).toEqual([]);
});

interface ModelLine {
  readonly id: string;
  readonly state: string;
}

async function models(): Promise<ModelLine[]> {
  const answer = await fetch(`${demo.url}/api/v1/ml/models/list`, { headers: authorization() });
  return ((await answer.json()) as { models: ModelLine[] }).models;
}

async function send(path: string, body: unknown): Promise<void> {
  const headers = { ...authorization(), 'content-type': 'application/json' };
  const answer = await fetch(demo.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.status, await answer.text()).toBeLessThan(300);
}

async function upload(bytes: Uint8Array, manifest: object): Promise<string> {
  const form = new FormData();
  form.append('manifest', JSON.stringify(manifest));
  form.append('file', new Blob([new Uint8Array(bytes)]), 'made.onnx');
  const path = `${demo.url}/api/v1/ml/models/upload`;
  const answer = await fetch(path, { method: 'POST', headers: authorization(), body: form });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return (JSON.parse(text) as ModelLine).id;
}

const authorization = () => ({ authorization: `Bearer ${demo.token}` });
