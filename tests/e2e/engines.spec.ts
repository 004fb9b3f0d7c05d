import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import BetterSqlite3 from 'better-sqlite3';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';

/** What an operator does with decision engines, in a real browser against the product. */
test.describe.configure({ mode: 'serial' });

const EXAMPLE = join(import.meta.dirname, '../../resources/engines/cheapest-in-zone.js');

let demo: Demo;
let page: Page;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  demo = await startDemo();
  // The browser itself logs each refusal of the server that the page then shows.
  ({ page, faults } = await openSignedIn(browser, demo, { expected: /422/ }));
});
test.afterAll(async () => {
  await page?.close();
  await demo?.end();
});

async function choose(files: Parameters<Awaited<ReturnType<typeof picker>>['setFiles']>[0]): Promise<void> {
  await (await picker()).setFiles(files);
}

async function picker() {
  const asked = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload an engine' }).click();
  return asked;
}

test('prices are filled first: without any, no engine can propose a thing', async () => {
  const { models } = await demo.ask<{ models: { id: string }[] }>('/api/v1/ml/models/list');
  await demo.ask('/api/v1/ml/gap-filler/fill', { modelId: models[0]?.id });
  const clusters = await demo.ask<{ clusters: { id: string }[] }>('/api/v1/admin/clusters');
  const clusterId = clusters.clusters[0]?.id;
  await expect
    .poll(
      async () =>
        (await demo.ask<{ plans: object[] }>('/api/v1/ml/decision/spot', { clusterId })).plans.length,
      {
        timeout: 120_000,
      },
    )
    .toBeGreaterThan(0);
});

test('what is no engine is refused with the check that failed, and what can be uploaded', async () => {
  await page.goto(`${demo.url}/engines`);
  await expect(page.getByText('5 engines built in, 0 uploaded.')).toBeVisible();
  await choose({ name: 'clock.js', mimeType: 'text/javascript', buffer: Buffer.from('import "node:fs";') });
  await expect(page.getByRole('alert')).toContainText('clock.js is not taken in. loads: it threw');
  await page.getByRole('button', { name: 'Put clock.js away' }).click();
});

test('the example is taken in after its checks, and its page tells them', async () => {
  await choose(EXAMPLE);
  await expect(page.getByText('cheapest-in-zone.js passed every check')).toBeVisible({ timeout: 60_000 });
  const list = page.getByRole('table', { name: 'Engines' });
  await list.getByRole('link', { name: 'cheapest-in-zone 1.0.0' }).click();
  await expect(page.getByRole('table', { name: 'Checks' })).toContainText('1,000 nodes');
  await page.reload();
  await expect(page.getByRole('dialog', { name: 'cheapest-in-zone 1.0.0' })).toBeVisible();
  await page.keyboard.press('Escape');
});

test('a cluster previews it with its parameters, then uses it, and plans come from it', async () => {
  await page.getByRole('combobox', { name: /^Engine of / }).click();
  await page.getByRole('option', { name: 'cheapest-in-zone 1.0.0' }).click();
  const least = page.getByRole('textbox', { name: 'Least saving, % of the node' });
  await least.fill('5');
  await expect(page.getByText('At least 25.')).toBeVisible();
  await least.fill('40');
  await page.getByRole('button', { name: 'Preview' }).click();
  const preview = page.getByRole('region', { name: /^Preview for / });
  await expect(preview.getByRole('status')).toContainText('Nothing was stored.', { timeout: 30_000 });
  await expect(preview.getByRole('table').first()).toContainText('Spot in');
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Use from the next run on' }).click();
  await expect(page.getByText(/chosen by/)).toBeVisible();

  await page.goto(`${demo.url}/decisions`);
  await page.getByRole('button', { name: 'Find savings' }).click();
  await expect
    .poll(
      async () => {
        const run = await lastRun();
        return run && `${run.engine} ${run.plugIn?.version} ${run.state}`;
      },
      { timeout: 60_000 },
    )
    .toBe('cheapest-in-zone 1.0.0 finished');
});

test('an engine that a cluster uses cannot be deleted', async () => {
  await page.goto(`${demo.url}/engines`);
  await page
    .getByRole('table', { name: 'Engines' })
    .getByRole('link', { name: 'cheapest-in-zone 1.0.0' })
    .click();
  await expect(page.getByRole('button', { name: 'Delete' })).toHaveAttribute('aria-disabled', 'true');
  await axeFindsNothing(page);
  expect(faults).toEqual([]);
});

test('another engine is held against it in shadow, offers nothing, and is promoted with one click', async () => {
  await page.goto(`${demo.url}/engines`);
  await expect(page.getByText('No experiment yet')).toBeVisible();
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Start experiment…' }).click();
  await expect(page.getByRole('combobox', { name: 'Champion' })).toHaveValue('cheapest-in-zone 1.0.0');
  await page.getByRole('combobox', { name: 'Challenger' }).click();
  await page.getByRole('option', { name: 'spot', exact: true }).click();
  await axeFindsNothing(page);
  await page.getByRole('button', { name: 'Start in shadow' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('spot against cheapest-in-zone 1.0.0');
  await expect(page.getByText('No run has been compared yet.')).toBeVisible();
  await expect(page.getByRole('group', { name: 'Verdict' })).toHaveText(/Too early to say/);

  const { clusters } = await demo.ask<{ clusters: { id: string }[] }>('/api/v1/admin/clusters');
  await demo.ask('/api/v1/optimization/trigger', { clusterId: clusters[0]?.id });
  await expect(page.getByRole('group', { name: 'Compared' })).toHaveText(/^1 run0 hours/, {
    timeout: 30_000,
  });
  const arms = page.getByRole('table', { name: 'What each proposes' });
  await expect(arms.getByRole('row', { name: /^spot \(challenger\) 1 1 \$/ })).toBeVisible();
  const { plans } = await demo.ask<{ plans: { engine: string; state: string }[] }>(
    '/api/v1/optimization/plans',
  );
  const offered = plans.filter(({ state }) => state === 'proposed').map(({ engine }) => engine);
  expect([...new Set(offered)]).toEqual(['cheapest-in-zone']);
  await page.getByRole('button', { name: 'Promote challenger' }).click();
  await expect(page.getByText('It is not decided that the challenger saves more.')).toBeVisible();
  await page.getByRole('button', { name: 'Close' }).click();
  await axeFindsNothing(page);

  repeatInThePast();
  await expect(page.getByRole('group', { name: 'Compared' })).toHaveText(
    /^41 runs40 hours .* enough to decide$/,
    { timeout: 40_000 },
  );
  await expect(page.getByRole('group', { name: 'Verdict' })).toHaveText(/^Challenger saves more/);
  await expect(page.getByText('It is decided: the challenger can be promoted.')).toBeVisible();
  await expect(page.getByRole('img', { name: /with its confidence band/ })).toBeVisible();
  await axeFindsNothing(page);

  await page.getByRole('button', { name: 'Promote challenger' }).click();
  await expect(page.getByText('It is not decided')).toHaveCount(0);
  await page.getByRole('button', { name: 'Promote the challenger' }).click();
  await expect(page.getByText(/The challenger was made champion by/)).toBeVisible();
  await page.getByRole('link', { name: 'All engines' }).click();
  await expect(page.getByRole('table', { name: 'Experiments' })).toContainText('Promoted');
  await expect(page.getByRole('combobox', { name: /^Engine of / })).toHaveValue('spot');
  await expect(page.getByText(/ended the experiment of spot against cheapest-in-zone 1\.0\.0/)).toBeVisible();
  await expect(page.getByText(/chose spot for small-shop/)).toBeVisible();
  await axeFindsNothing(page);
  expect(faults).toEqual([]);
});

/** Nobody waits 40 hours for a test: what the one run said, with a little noise, was said in each of the hours before, too. */
function repeatInThePast(): void {
  const database = new BetterSqlite3(join(demo.data, 'engine', 'cloudoptim.sqlite'));
  database.exec(`update decision_engine_experiments set started_at = started_at - 40 * 3600000;
    update decision_engine_trials set hour = 40;
    with recursive past (hour) as (select 0 union all select hour + 1 from past where hour < 39)
    insert into decision_engine_trials
    select id || past.hour, experiment_id, cluster_id, at, past.hour, champion_saved, champion_share, champion_moves,
      challenger_saved, champion_share + 0.02 + 0.01 * (past.hour % 3), challenger_moves, challenger_proposals,
      challenger_refused, failure, failure_reason
    from decision_engine_trials, past`);
  database.close();
}

interface RunLine {
  readonly engine: string;
  readonly state: string;
  readonly plugIn?: { readonly version: string };
}

async function lastRun(): Promise<RunLine | undefined> {
  return (await demo.ask<{ runs: RunLine[] }>('/api/v1/optimization/plans')).runs[0];
}
