import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { linearModel } from '../support/linear-model.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** What an operator does with model versions, in a real browser against the product. */
test.describe.configure({ mode: 'serial' });

const MODEL_FILE = join(import.meta.dirname, '../../server/models/convert/fixtures/ard/model.pkl.gz');
const NAME = 'Bayes';
const DAY_MS = 86_400_000;

let demo: Demo;
let page: Page;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  demo = await startDemo();
  // The browser itself logs each refusal of the server that the page then shows.
  ({ page, faults } = await openSignedIn(browser, demo, { expected: /422/, acceptDownloads: true }));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

test('an upload shows its progress and can be cancelled; nothing of it is kept', async () => {
  await page.goto(`${demo.url}/models`);
  const before = (await models()).length;
  const wire = await page.context().newCDPSession(page);
  await wire.send('Network.enable');
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 };
  await wire.send('Network.emulateNetworkConditions', slow);
  await choose({
    name: 'large.onnx',
    mimeType: 'application/octet-stream',
    buffer: Buffer.alloc(8_000_000, 1),
  });
  await expect(page.getByRole('progressbar', { name: 'Upload of large.onnx' })).toBeVisible();
  await expect(page.getByText(/ of 7\.63 MiB/)).toBeVisible();
  // It goes on while another page is open, and is found again in the top bar.
  await page.getByRole('link', { name: 'Savings' }).click();
  await page.getByRole('link', { name: 'Uploading' }).click();
  await page.getByRole('button', { name: 'Cancel the upload of large.onnx' }).click();
  await expect(page.getByText('The upload of large.onnx was cancelled')).toBeVisible();
  await wire.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  await page.getByRole('button', { name: 'Put large.onnx away' }).click();
  expect(await models()).toHaveLength(before);
});

test('what is no model is refused in words, with what can be uploaded', async () => {
  await choose({ name: 'photo.onnx', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a', 'hex') });
  await expect(page.getByRole('alert')).toContainText('photo.onnx');
  await page.getByText('What can be uploaded?').click();
  await expect(page.getByText('scikit-learn, XGBoost, LightGBM')).toBeVisible();
  await page.getByRole('button', { name: 'Put photo.onnx away' }).click();
});

test('a pickle without a manifest is taken in by a form, which survives a change of page and a reload', async () => {
  await choose(MODEL_FILE);
  await expect(page.getByText('model.pkl.gz is a sound model; say what it is for')).toBeVisible();
  await page.getByRole('link', { name: 'Complete the manifest' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(NAME);
  await page.getByRole('button', { name: 'Take it in' }).click();
  await expect(page.getByText('Which feature does this column take?')).toHaveCount(4);
  await axeFindsNothing(page);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Savings' }).click();
  await page.getByRole('link', { name: /waits for a manifest/ }).click();
  await page.reload();
  await page.getByRole('link', { name: 'Complete the manifest' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(NAME);

  const trainedUntil = new Date(Date.now() - 5 * DAY_MS).toISOString().slice(0, 16);
  await page.getByLabel('Trained until (UTC)').fill(trainedUntil);
  for (const [index, name] of ['retrun_1h', 'return_6h', 'return_24h', 'return_72h'].entries())
    await page.getByRole('combobox', { name: `Feature of column ${index + 1}` }).fill(name);
  await page.getByRole('combobox', { name: 'Regions' }).fill('us-east-1');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Take it in' }).click();
  // A name that the catalog does not know is refused at its own field; one click mends it.
  await page.getByRole('button', { name: 'Use return_1h for column 1' }).click();
  await page.getByRole('button', { name: 'Take it in' }).click();
  await expect(page.getByText(`model.pkl.gz was accepted as ${NAME} 1.0.0`)).toBeVisible();
});

test('what each output is stands in the form as the file names it, and is checked before it is sent', async () => {
  const buffer = Buffer.from(
    linearModel([
      { name: 'p10', weights: [-0.1] },
      { name: 'p50', weights: [0.1] },
    ]),
  );
  await choose({ name: 'band.onnx', mimeType: 'application/octet-stream', buffer });
  await expect(page.getByText('band.onnx is a sound model; say what it is for')).toBeVisible();
  await page.getByRole('link', { name: 'Complete the manifest' }).click();
  await expect(page.getByRole('combobox', { name: 'p10' })).toHaveValue('A quantile');
  await expect(page.getByRole('textbox', { name: 'Quantile of p10' })).toHaveValue('0.1');
  await expect(page.getByRole('textbox', { name: 'Quantile of p50' })).toHaveValue('0.5');
  await page.getByLabel('Trained until (UTC)').fill('2026-10-20T00:00');
  await page.getByRole('combobox', { name: 'Feature of column 1' }).fill('return_24h');
  await page.getByRole('combobox', { name: 'Regions' }).fill('us-east-1');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Quantile of p50' }).fill('0.1');
  await page.getByRole('button', { name: 'Take it in' }).click();
  await expect(page.getByText('The outputs hold the quantile 0.1 twice.')).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole('textbox', { name: 'Quantile of p50' }).fill('0.5');
  await page.getByRole('button', { name: 'Take it in' }).click();
  await expect(page.getByText('band.onnx was accepted as band 1.0.0')).toBeVisible();
  const band = (await models()).find(({ manifest }) => manifest.name === 'band');
  expect(band?.manifest).toMatchObject({
    outputs: [
      { name: 'p10', quantile: 0.1 },
      { name: 'p50', quantile: 0.5 },
    ],
  });
});

test('a note and tags are kept, and the tags are found by searching', async () => {
  await openVersion();
  await page.getByRole('button', { name: 'Add a note' }).click();
  await page.getByRole('textbox', { name: 'Notes' }).fill('from the fixtures');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('button', { name: 'Edit the note' })).toBeVisible();
  await page.getByRole('button', { name: 'Change tags' }).click();
  await page.getByRole('combobox', { name: 'Tags' }).fill('staging');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Save the tags' }).click();
  await expect(page.getByRole('button', { name: 'Change tags' })).toBeVisible();
  await page.reload();
  await expect(page.getByText('from the fixtures')).toBeVisible();
  await axeFindsNothing(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('staging');
  await expect(page.getByRole('table', { name: 'Versions' }).getByRole('link')).toHaveCount(1);
});

test('the original, the ONNX and the manifest are downloaded', async () => {
  await openVersion();
  const [original] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^model\.pkl\.gz/ }).click(),
  ]);
  expect(original.suggestedFilename()).toBe('model.pkl.gz');
  expect(readFileSync(await original.path())).toEqual(readFileSync(MODEL_FILE));
  const [onnx] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /^ONNX that runs/ }).click(),
  ]);
  expect(onnx.suggestedFilename()).toBe('Bayes-1.0.0.onnx');
  const [manifest] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Manifest', exact: true }).click(),
  ]);
  expect(JSON.parse(readFileSync(await manifest.path(), 'utf8'))).toMatchObject({ name: NAME });
});

test('two versions are chosen in the table and stand side by side', async () => {
  await page.goto(`${demo.url}/models`);
  await page.getByRole('checkbox', { name: `Compare ${NAME} 1.0.0` }).check();
  await page.getByRole('checkbox', { name: 'Compare Spot price, ridge 1.0.0' }).check();
  await page.getByRole('button', { name: 'Compare the two' }).click();
  await expect(page.getByText('4 features in both.')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('table', { name: 'Manifest and file' })).toContainText('a Python pickle');
  await axeFindsNothing(page);
});

test('a version that nothing refers to is deleted, after a word about what goes', async () => {
  await openVersion();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('can be uploaded again later')).toBeVisible();
  await page.getByRole('button', { name: 'Delete this version' }).click();
  await expect(page.getByRole('table', { name: 'Versions' })).toBeVisible();
  await expect(page.getByRole('link', { name: `${NAME} 1.0.0` })).toHaveCount(0);
  expect((await models()).map(({ manifest }) => manifest.name)).not.toContain(NAME);
});

test('a shadow experiment is started and stopped, and what came of it stays', async () => {
  const [champion] = await models();
  if (!champion) throw new Error('the demo has no model');
  await send('/api/v1/ml/gap-filler/fill', { modelId: champion.id });
  const areReady = async () => (await models()).every(({ state }) => state === 'ready');
  await expect.poll(areReady, { timeout: 120_000 }).toBe(true);
  await send('/api/v1/ml/models/activate', { modelId: champion.id });

  await page.goto(`${demo.url}/models`);
  await page.getByRole('button', { name: 'Start experiment…' }).click();
  await page.getByRole('combobox', { name: 'Challenger' }).click();
  await page.getByRole('option', { disabled: false }).first().click();
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Start in shadow' }).click();
  await expect(page.getByRole('button', { name: 'Promote challenger' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('in shadow, serving no cluster')).toBeVisible();
  await axeFindsNothing(page);

  await page.getByRole('button', { name: 'Stop experiment' }).click();
  await page.getByLabel('Why (optional)').fill('seen enough');
  await page.getByRole('button', { name: 'Stop the experiment' }).click();
  await expect(page.getByText(/It was stopped by .* seen enough/)).toBeVisible();
  await page.getByRole('link', { name: 'All models' }).click();
  await expect(page.getByRole('table', { name: 'Experiments' })).toContainText('Stopped');
  await axeFindsNothing(page);
});

test('the challenger is made champion, and one click goes back to the version that is named', async () => {
  const isChampion = (model: ModelLine | undefined) => model?.aliases.includes('champion') === true;
  const all = await models();
  const [champion, other] = [all.find(isChampion), all.find(model => !isChampion(model))];
  await page.goto(`${demo.url}/models/${other?.id}`);
  await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Roll back to ${nameOf(champion)}` })
    .click();
  await expect
    .poll(async () => (await models()).find(isChampion)?.id, { timeout: 30_000 })
    .toBe(champion?.id);
  await page.reload();
  await expect(page.getByText(/made it champion/)).toBeVisible();
});

test('nothing went wrong in the browser meanwhile', () => {
  expect(faults).toEqual([]);
});

interface ModelLine {
  readonly id: string;
  readonly state: string;
  readonly aliases: readonly string[];
  readonly manifest: { readonly name: string; readonly version: string };
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

const authorization = () => ({ authorization: `Bearer ${demo.token}` });

function nameOf(model: ModelLine | undefined): string {
  return `${model?.manifest.name} ${model?.manifest.version}`;
}

async function choose(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Upload a model' }).click(),
  ]);
  await chooser.setFiles(file);
}

/** The version that the form took in, in its drawer. */
async function openVersion(): Promise<void> {
  const own = (await models()).find(({ manifest }) => manifest.name === NAME);
  await page.goto(`${demo.url}/models/${own?.id}`);
  await expect(page.getByRole('dialog', { name: `${NAME} 1.0.0` })).toBeVisible();
}
