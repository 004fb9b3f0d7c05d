import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  decisionRun,
  type Engine,
  engineChoice,
  engineExperimentOrder,
  engine as engineSchema,
} from '../../../common/contracts/index.ts';
import { openTestDatabase } from '../../platform/database/testing/open-test-database.ts';
import { AuditLog, auditMigrations, createLog, type Database, LiveHub } from '../../platform/index.ts';
import { createDecisions, type Decisions } from '../create-decisions.ts';
import { sizesOf, until } from '../decision-room.fixture.ts';
import { decisionMigrations } from '../decision-tables.ts';
import { SmallCluster } from '../small-agent.fixture.ts';
import { forecastsOf, marketOf, nodeAt, podOn, stateOf } from '../small-cluster.fixture.ts';

const ann = { id: 'u1', label: 'Ann' };
const example = readFileSync(
  join(import.meta.dirname, '../../../resources/engines/cheapest-in-zone.js'),
  'utf8',
);
const forecasts = forecastsOf({ 'm5.large/us-east-1a': 30_000, 'm6i.xlarge/us-east-1a': 40_000 });
const clock = { now: () => 1_000_000 };
const log = createLog('silent');
const builtIn = [
  'spot',
  'bin-packing',
  'packing-then-spot',
  'rightsizing',
  'rightsizing-then-packing-then-spot',
];

let folder: string;
let database: Database;
let decisions: Decisions;

async function open(): Promise<void> {
  const nodes = ['a', 'b', 'c', 'd', 'e'].map(name => nodeAt(name));
  database = await openTestDatabase(folder, { ...auditMigrations, ...decisionMigrations });
  decisions = await createDecisions({
    database,
    audit: new AuditLog(database, clock),
    clock,
    log,
    live: new LiveHub(),
    clusters: new SmallCluster(stateOf(nodes, [podOn('a', 'web-1'), podOn('b', 'web-2')])),
    plugIns: {
      folder: join(folder, 'engines'),
      nodePath: process.execPath,
      limits: { deadlineMs: 3_000, memoryMib: 128, outputUnits: 1e6 },
    },
    rightsizing: { recommend: async id => sizesOf(id, []) },
    ...marketOf(forecasts),
  });
  await decisions.start();
}

async function close(): Promise<void> {
  await decisions.stop();
  await database.close();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engines-'));
  await open();
});

afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

function upload(source: string, manifest?: object): Promise<Engine> {
  return decisions.engines.upload({
    stream: Readable.from([Buffer.from(source)]),
    fileName: 'engine.js',
    manifestText: async () => manifest && JSON.stringify(manifest),
    uploadedBy: 'Ann',
  });
}

/** Well-behaved in the kit, whose policy of on-demand nodes it sees, and `body` on the small cluster. */
const inSmallCluster = (body: string) => `
  export const manifest = { name: 'two-faced', version: '1.0.0', contractVersion: 1 };
  export function decide(input) {
    if (input.cluster.name !== 'shop') return { proposals: [] };
    ${body}
  }`;
const kept = async () => (await readdir(join(folder, 'engines'))).filter(name => name.length === 64);
const runs = async () => decisions.runs('c1');

describe('an uploaded engine', () => {
  it('is listed, chosen with its parameters, and its runs and plans say which file it was', async () => {
    const engine = await upload(example);
    expect(engineSchema.parse(engine)).toMatchObject({
      name: 'cheapest-in-zone',
      state: 'ready',
      builtIn: false,
    });
    expect((await decisions.engines.list()).map(({ name }) => name)).toEqual([
      ...builtIn,
      'cheapest-in-zone',
    ]);
    const choice = await decisions.engines.choose('c1', engine.id, { leastSavingPercent: 50 }, 'Ann');
    expect(engineChoice.parse(choice).parameters).toEqual({ leastSavingPercent: 50 });

    const run = await decisions.trigger('c1', ann);
    const identity = { version: '1.0.0', sha256: engine.file?.sha256 };
    expect(decisionRun.parse(run)).toMatchObject({
      engine: 'cheapest-in-zone',
      plugIn: identity,
      state: 'finished',
      refused: [],
      proposals: 4,
    });
    const plans = await decisions.plans();
    expect(plans.map(({ engine: name, plugIn }) => [name, plugIn])).toEqual(
      plans.map(() => ['cheapest-in-zone', identity]),
    );
    expect(plans[0]?.reasons.at(-1)?.text).toMatch(/^cheapest-in-zone: .* is the cheapest Spot pool/);
  });

  it('is still chosen after a restart', async () => {
    const engine = await upload(example);
    await decisions.engines.choose('c1', engine.id, {}, 'Ann');
    await close();
    await open();
    expect((await decisions.trigger('c1', ann)).engine).toBe('cheapest-in-zone');
    expect(await decisions.engines.choices()).toMatchObject([{ parameters: { leastSavingPercent: 30 } }]);
  });

  it('decides in a preview by its parameters, and nothing is stored', async () => {
    await upload(example);
    const bold = await decisions.preview('c1', 'cheapest-in-zone@1.0.0');
    const shy = await decisions.preview('c1', 'cheapest-in-zone', { leastSavingPercent: 90 });
    expect([bold.plans.length, shy.plans.length]).toEqual([4, 0]);
    expect(await decisions.plans()).toEqual([]);
    expect(await runs()).toEqual([]);
  });

  it('is refused when it fails the kit, with every failed check; nothing is kept', async () => {
    await expect(upload('export const decide = 1;')).rejects.toMatchObject({
      code: 'engine.rejected',
      message: 'engine.js is not taken in. loads: it exports no function "decide".',
    });
    expect(await kept()).toEqual([]);
    expect(await readdir(join(folder, 'engines', 'incoming'))).toEqual([]);
  });

  it('is refused above 4 MiB', async () => {
    await expect(upload(`//${'x'.repeat(4 * 2 ** 20)}`)).rejects.toMatchObject({ code: 'input.too-large' });
  });

  it('never changes under its version; the same again is the same', async () => {
    const engine = await upload(example);
    expect((await upload(example)).id).toBe(engine.id);
    await expect(upload(`${example}\n`)).rejects.toMatchObject({ code: 'resource.conflict' });
    expect(await kept()).toEqual([engine.file?.sha256]);
  });

  it('is not run when its file was changed on disk', async () => {
    const engine = await upload(example);
    writeFileSync(join(folder, 'engines', engine.file?.sha256 ?? ''), `${example}//`);
    await expect(decisions.preview('c1', 'cheapest-in-zone')).rejects.toMatchObject({
      code: 'storage.damaged',
    });
  });

  it('is faulty after three runs in a row that broke a cap; nothing acts, and the runs say why', async () => {
    const engine = await upload(
      inSmallCluster('const all = []; for (;;) all.push(new Array(1000).fill(all.length));'),
    );
    await decisions.engines.choose('c1', engine.id, {}, 'Ann');
    for (let i = 0; i < 3; i++) {
      await expect(decisions.trigger('c1', ann)).rejects.toThrow(
        /gave no answer: it (wanted more than 128 MiB|did not answer within 3 s)/,
      );
    }
    expect((await runs())[0]).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/gave no answer: it (wanted more than 128 MiB|did not answer)/),
    });
    expect((await decisions.engines.list()).at(-1)).toMatchObject({ state: 'faulty' });
    await expect(decisions.trigger('c1', ann)).rejects.toThrow(/is faulty. It failed 3 times in a row/);
    await expect(decisions.engines.choose('c1', engine.id, {}, 'Ann')).rejects.toMatchObject({
      code: 'engine.faulty',
    });
    expect(await decisions.plans()).toEqual([]);
    await decisions.engines.choose('c1', 'spot', {}, 'Ann');
    expect((await decisions.trigger('c1', ann)).engine).toBe('spot');
  });

  it('is counted as too late in an experiment when it misses its deadline, and is not deleted meanwhile', async () => {
    const engine = await upload(inSmallCluster('for (;;) {}'));
    const order = { championId: 'spot', challengerId: engine.id, guardrails: { overruns: 1 } };
    const { id } = await decisions.engineExperiments.start(engineExperimentOrder.parse(order), 'Ann');
    await expect(decisions.engines.delete(engine.id)).rejects.toThrow(/A running experiment uses engine/);
    await decisions.trigger('c1', ann);
    const { experiment } = await until(async () => {
      const known = await decisions.engineExperiments.get(id);
      return known.experiment.endedAt !== null && known;
    });
    expect(experiment).toMatchObject({ challengerName: 'two-faced 1.0.0', outcome: 'guardrail' });
    expect(experiment.endReason).toBe('The challenger missed its deadline once; at 1 the experiment ends.');
    await decisions.engines.delete(engine.id);
  });

  it('may throw as often as it likes without being called faulty', async () => {
    await upload(inSmallCluster('throw new Error("not today");'));
    for (let i = 0; i < 4; i++) {
      await expect(decisions.preview('c1', 'two-faced')).rejects.toThrow(/it threw Error: not today/);
    }
    expect((await decisions.engines.list()).at(-1)).toMatchObject({ state: 'ready' });
  });

  it('has what it may not do shown, while the rest becomes plans', async () => {
    await upload(
      inSmallCluster(`
        const to = (nodeUid, instanceType) => ({ nodeUid, target: { instanceType, zone: 'us-east-1a', capacityType: 'spot' } });
        return { proposals: [to('uid-a', 'm5.large'), to('uid-b', 'z9.huge')] };`),
    );
    const run = await decisions.trigger('c1', ann, 'two-faced');
    expect(run.refused).toEqual([
      {
        node: 'b',
        target: 'z9.huge Spot in us-east-1a',
        reasons: [{ code: 'unknown-type', text: 'Instance type z9.huge is not in the catalog.' }],
      },
    ]);
    expect((await decisions.plans()).flatMap(plan => plan.remove.map(({ name }) => name))).toEqual(['a']);
  });

  it('is deleted only when no cluster uses it and no plan of it is open', async () => {
    const engine = await upload(example);
    await decisions.engines.choose('c1', engine.id, {}, 'Ann');
    await expect(decisions.engines.delete(engine.id)).rejects.toThrow(/A cluster uses engine/);
    await decisions.trigger('c1', ann);
    await decisions.engines.choose('c1', 'spot', {}, 'Ann');
    await expect(decisions.engines.delete(engine.id)).rejects.toThrow(/Plans of engine .* are open/);
    for (const plan of await decisions.plans()) await decisions.reject(plan.id, ann);
    await decisions.engines.delete(engine.id);
    expect(await kept()).toEqual([]);
    expect((await decisions.engines.list()).map(({ name }) => name)).toEqual(builtIn);
  });

  it.each([
    [
      { leastSavingPercent: 'much' },
      'Parameter "leastSavingPercent" of engine cheapest-in-zone is "much"; it must be a number.',
    ],
    [
      { leastSavingPercent: 5 },
      'Parameter "leastSavingPercent" of engine cheapest-in-zone is 5; it must be at least 25.',
    ],
    [{ least: 5 }, 'Engine cheapest-in-zone has no parameter "least".'],
  ])('is not chosen with %j', async (parameters, message) => {
    const engine = await upload(example);
    await expect(decisions.engines.choose('c1', engine.id, parameters, 'Ann')).rejects.toMatchObject({
      message,
    });
    expect(await decisions.engines.choices()).toEqual([]);
  });

  it('is asked for by a name that exists', async () => {
    await expect(decisions.preview('c1', 'sorcery')).rejects.toMatchObject({
      code: 'resource.not-found',
      hint: `Engines are: ${builtIn.join(', ')}.`,
    });
  });
});
