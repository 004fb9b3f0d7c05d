import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { api } from '../../common/contracts/index.ts';
import { peers, syncVersionHeader } from '../../common/contracts/peers.ts';
import { axeFindsNothing, openSignedIn } from '../support/signed-in-page.ts';
import {
  connectTo,
  entryElsewhere,
  planElsewhere,
  type SyncEngine,
  startSyncEngine,
  syncOnce,
} from '../support/sync-world.ts';

/** What an operator does to share a desktop's work with a server: two engines, and a browser for each. */
test.describe.configure({ mode: 'serial' });

const pages = join(import.meta.dirname, '..', '..', 'out', 'renderer');
let laptop: SyncEngine;
let server: SyncEngine;
let here: Page;
let there: Page;
let faults: readonly string[] = [];

test.beforeAll(async ({ browser }) => {
  [laptop, server] = [await startSyncEngine(pages), await startSyncEngine(pages)];
  ({ page: here, faults } = await openSignedIn(browser, laptop, { expected: /40[019]/ }));
  ({ page: there } = await openSignedIn(browser, server));
});
test.afterAll(async () => {
  await here?.close();
  await there?.close();
  await laptop?.close();
  await server?.close();
});

const save = async (engine: SyncEngine, podRestMs: number) => {
  const params = { scope: 'default' };
  const { revision } = await engine.ask(api.policies.getPolicy, { params });
  await engine.ask(api.policies.savePolicy, {
    params,
    body: { document: { memory: { podRestMs } }, baseRevision: revision },
  });
};

test('an administrator of the server makes a code, and the desktop connects with it', async () => {
  await there.goto(`${server.engine.url}/settings`);
  await there.getByRole('button', { name: 'Create a one-time code' }).click();
  await there.getByRole('textbox', { name: 'Name' }).fill('laptop of Ada');
  await there.getByRole('button', { name: 'Create', exact: true }).click();
  const code = await there.getByLabel('One-time code', { exact: true }).innerText();
  await there.getByRole('button', { name: 'Done' }).click();

  await here.goto(`${laptop.engine.url}/settings`);
  await here.getByRole('button', { name: 'Connect to a server' }).click();
  const dialog = here.getByRole('dialog');
  await dialog.getByLabel('Address').fill('http://cloudoptim.example.com');
  await dialog.getByLabel('One-time code').fill(code);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(dialog.getByText('http://cloudoptim.example.com is not encrypted')).toBeVisible();
  await dialog.getByLabel('Address').fill(server.engine.url);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(dialog).toBeHidden();
  await expect(here.getByText('up to date')).toBeVisible();
  await expect(here.getByText(/the same as of/)).toBeVisible();
  await axeFindsNothing(here);

  await there.reload();
  await expect(there.getByRole('row', { name: /laptop of Ada.*read and bring/ })).toBeVisible();
});

test('a policy that both changed is compared and chosen', async () => {
  await save(laptop, 3_600_000);
  await save(server, 7_200_000);
  await syncOnce(laptop);
  await expect(here.getByText('Policies wait for you')).toBeVisible();
  await here.getByRole('link', { name: 'Compare both versions' }).click();
  await here.getByRole('button', { name: 'Compare both versions' }).click();
  const dialog = here.getByRole('dialog');
  await expect(dialog.getByLabel('From theirs to yours')).toContainText('podRestMs: 3600000');
  await axeFindsNothing(here);
  await dialog.getByRole('button', { name: 'Keep mine' }).click();
  await expect(dialog.getByText('Nothing waits for you any more.')).toBeVisible();
  await here.keyboard.press('Escape');
  await expect(here.getByRole('button', { name: 'Compare both versions' })).toBeHidden();
  const kept = await server.ask(api.policies.getPolicy, { params: { scope: 'default' } });
  expect(kept.document).toMatchObject({ memory: { podRestMs: 3_600_000 } });
});

test('a key that was revoked is said, and sync can be stopped and left', async () => {
  await there.getByRole('button', { name: 'Revoke laptop of Ada' }).click();
  await there.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(there.getByText('No other engine yet.')).toBeVisible();
  await here.goto(`${laptop.engine.url}/settings`);
  await here.getByRole('button', { name: 'Sync now' }).click();
  await expect(
    here.getByText('An administrator of the server revoked the key of this engine.'),
  ).toBeVisible();
  await expect(here.getByText('needs you')).toBeVisible();
  await here.getByRole('button', { name: 'Disconnect' }).click();
  await here.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await expect(here.getByText('This engine stands alone.')).toBeVisible();
  expect(faults).toEqual([]);
});

test('plans and savings of other engines are read beside those of this one', async () => {
  // A third engine brings them to the server, and the server passes them on.
  const third = {
    engineId: 'engine-third',
    engineName: 'third',
    version: '0',
    speaks: { current: 1, oldest: 1 },
  };
  const { code } = await server.ask(api.sync.createCode, { body: { label: 'third' } });
  const { key } = await server.ask(peers.enter, { body: { code, ...third } });
  const bring = async (kind: 'plans' | 'ledger', id: string, body: unknown) => {
    const response = await fetch(`${server.engine.url}/api/v1/peer/facts/${kind}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        [syncVersionHeader]: '1-1',
      },
      body: JSON.stringify({
        origin: third.engineId,
        name: third.engineName,
        after: 0,
        startOver: false,
        facts: [{ id, seq: 1, at: Date.now(), body }],
      }),
    });
    expect(await response.json()).toEqual({ seq: 1 });
  };
  const plan = planElsewhere();
  await bring('plans', plan.id, plan);
  await bring('ledger', 'saving-1', entryElsewhere(plan.id));
  await connectTo(laptop, server);
  expect(await syncOnce(laptop)).toMatchObject({ problem: null });

  await here.goto(`${laptop.engine.url}/decisions`);
  await expect(here.getByRole('row', { name: /Move a node elsewhere.*third/ })).toBeVisible();
  await here.getByRole('link', { name: 'Move a node elsewhere' }).click();
  await expect(here.getByText('It is approved, rejected and stopped there.')).toBeVisible();
  await expect(here.getByRole('button', { name: /Approve/ })).toBeHidden();
  await axeFindsNothing(here);
  await here.goto(`${laptop.engine.url}/decisions`);
  await here.getByText('This engine', { exact: true }).click();
  await expect(here.getByText('No plans', { exact: true })).toBeVisible();

  await here.goto(`${laptop.engine.url}/savings`);
  await here.getByText('Other engines', { exact: true }).click();
  await expect(here.getByRole('row', { name: /Move a node elsewhere.*third.*\$12/ })).toBeVisible();
  expect(faults).toEqual([]);
});

test('a cluster is moved to the server', async () => {
  const body = { clusterName: 'shop' };
  const { token } = await laptop.ask(api.clusters.createJoinToken, { body });
  await laptop.ask(api.clusters.enrol, { body: { joinToken: token, agentVersion: '0', instanceId: 'i' } });
  await here.goto(`${laptop.engine.url}/settings`);
  await here.getByRole('button', { name: 'Move shop to the server' }).click();
  await here.getByRole('dialog').getByRole('button', { name: 'Move it' }).click();
  const dialog = here.getByRole('dialog', { name: 'Enrol the agent of shop anew' });
  await expect(dialog.getByText(server.engine.url).first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(here.getByRole('button', { name: 'Bring shop back' })).toBeVisible();
  await here.goto(`${laptop.engine.url}/clusters`);
  await expect(here.getByText(/^Moved to /)).toBeVisible();
  const { clusters } = await server.ask(api.clusters.listClusters, {});
  expect(clusters).toMatchObject([{ name: 'shop', state: 'waiting', home: { epoch: 2, movedTo: null } }]);
  expect(faults).toEqual([]);
});
