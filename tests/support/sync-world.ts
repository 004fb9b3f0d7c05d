import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  api,
  type CallInput,
  type CallOutput,
  type Plan,
  type Procedure,
  type SavingsEntry,
  type SyncServer,
} from '../../common/contracts/index.ts';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { apiPath } from '../../src-renderer/connection/api-path.ts';

const root = join(import.meta.dirname, '..', '..');

/** An engine in this process, with its API at hand. */
export interface SyncEngine {
  readonly engine: Engine;
  readonly folder: string;
  /** Opens its pages, where it was started with them. */
  readonly signInLink: string;
  /** A call as an administrator. Throws `<code>: <message>` of a refusal. */
  ask<P extends Procedure>(procedure: P, input: CallInput<P>): Promise<CallOutput<P>>;
  /** Ends it and starts it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an engine on a folder of its own. @param uiFolder of the built pages */
export async function startSyncEngine(uiFolder?: string): Promise<SyncEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-sync-'));
  const start = () =>
    createEngine({
      settings: loadSettings({ data: folder, port: 0, logLevel: 'silent' }, {}),
      version: '0',
      resourcesFolder: join(root, 'resources'),
      uiFolder,
    });
  const state = { engine: await start() };
  return {
    folder,
    get signInLink() {
      return `${state.engine.url}/#token=${state.engine.launchToken}`;
    },
    get engine() {
      return state.engine;
    },
    ask: async (procedure, input) => {
      const { params, query, body } = input as { params?: object; query?: object; body?: unknown };
      const response = await fetch(state.engine.url + apiPath(procedure.path, { ...params }, { ...query }), {
        method: procedure.method,
        headers: {
          authorization: `Bearer ${state.engine.launchToken}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as { error?: { code: string; message: string } };
      if (answer.error) throw new Error(`${answer.error.code}: ${answer.error.message}`);
      return answer as never;
    },
    restart: async () => {
      await state.engine.close();
      state.engine = await start();
    },
    close: async () => {
      await state.engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Connects one engine to the other. */
export async function connectTo(
  laptop: SyncEngine,
  server: SyncEngine,
  mayWrite = true,
): Promise<SyncServer> {
  const { code } = await server.ask(api.sync.createCode, { body: { label: 'laptop', mayWrite } });
  return laptop.ask(api.sync.connect, { body: { url: server.engine.url, code } });
}

/** Syncs, and waits until it ended; bounded. */
export async function syncOnce(laptop: SyncEngine): Promise<SyncServer> {
  const before = await serverOf(laptop);
  // One that runs already may have begun before what is to be moved was there.
  await untilIdle(laptop);
  const lastTriedAt = (await serverOf(laptop)).lastTriedAt ?? 0;
  await laptop.ask(api.sync.syncNow, { params: { id: before.id } });
  for (let tries = 0; tries < 400; tries++) {
    const now = await serverOf(laptop);
    if (now.state !== 'running' && (now.lastTriedAt ?? 0) > lastTriedAt) return now;
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  throw new Error('the sync did not end');
}

async function untilIdle(laptop: SyncEngine): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const { state, lastTriedAt } = await serverOf(laptop);
    if (state !== 'running' && lastTriedAt !== null) return;
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  throw new Error('a sync did not end');
}

/** What an engine says of its server. */
export async function serverOf(laptop: SyncEngine): Promise<SyncServer> {
  const { server } = await laptop.ask(api.sync.getSync, {});
  if (!server) throw new Error('the engine is connected to no server');
  return server;
}

/** A plan of an engine that is nowhere in the test but in what it told. */
export function planElsewhere(): Plan {
  const at = Date.now() - 60_000;
  return {
    id: 'plan-elsewhere',
    runId: 'run-elsewhere',
    clusterId: 'cluster-elsewhere',
    clusterName: 'far away',
    engine: 'spot',
    kind: 'replace-node',
    state: 'proposed',
    createdAt: at,
    changedAt: at,
    title: 'Move a node elsewhere',
    reasons: [{ code: 'cheaper', text: 'The other pool is cheaper.' }],
    remove: [],
    add: [],
    cost: {
      nowMicroUsdPerHour: 200_000,
      afterMicroUsdPerHour: 60_000,
      riskMicroUsdPerHour: 20_000,
      switchingMicroUsd: 1_000,
      savingMicroUsdPerHour: 120_000,
      paybackMs: 30_000,
    },
    proof: null,
    pods: [],
    steps: [],
    approval: null,
    outcome: null,
  };
}

/** What that engine booked for its plan: 12 dollars. */
export function entryElsewhere(planId: string): SavingsEntry {
  return {
    id: 'saving-1',
    planId,
    clusterId: 'cluster-elsewhere',
    title: 'Move a node elsewhere',
    engines: ['spot'],
    startedAt: Date.now() - 60_000,
    endedAt: null,
    counterfactualMicroUsdPerHour: 200_000,
    actualMicroUsdPerHour: 60_000,
    removed: ['node-1'],
    replacedBy: ['node-2'],
    predictedMicroUsdPerHour: 120_000,
    predictedMicroUsd: 13_000_000,
    realizedMicroUsd: 12_000_000,
    knownMs: 3_600_000,
    unknownMs: 0,
  };
}
