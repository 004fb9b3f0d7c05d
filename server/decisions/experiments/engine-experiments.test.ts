import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type EngineExperiment,
  type EngineExperimentOrder,
  type EngineExperimentResult,
  engineExperimentOrder,
  engineExperimentResult,
} from '../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../common/units/index.ts';
import { ann, DecisionRoom, tellingPlaces, until } from '../decision-room.fixture.ts';
import type { SchedulableCluster } from '../neighbours.ts';
import { PlanStore } from '../plan-store.ts';

/** Engines against each other in the room of decisions: `spot` is what the cluster uses, `packing-then-spot` saves more. */
let room: DecisionRoom;
/** The same cluster as older agents tell it: packing cannot decide on it. */
let withoutPlaces: SchedulableCluster;
beforeEach(async () => {
  room = await DecisionRoom.open();
  withoutPlaces = room.cluster.observed;
  room.cluster.observed = tellingPlaces(room.cluster.observed);
});
afterEach(() => room.close());

const experiments = () => room.decisions.engineExperiments;
const orderOf = (change: Partial<EngineExperimentOrder> = {}) =>
  engineExperimentOrder.parse({ championId: 'spot', challengerId: 'packing-then-spot', ...change });
const start = (change: Partial<EngineExperimentOrder> = {}) => experiments().start(orderOf(change), 'Ann');
const resultOf = async ({ id }: { id: string }) => (await experiments().get(id)).result;
/** A run of the cluster, and what is known once it is counted. */
async function run(experiment: EngineExperiment): Promise<EngineExperimentResult> {
  const { runs } = await resultOf(experiment);
  await room.decisions.trigger('c1', ann);
  return until(async () => {
    const result = await resultOf(experiment);
    return result.runs > runs && result;
  });
}
const ended = ({ id }: EngineExperiment) =>
  until(async () => {
    const { experiment } = await experiments().get(id);
    return experiment.endedAt !== null && experiment;
  });
const shownPlans = async () =>
  (await room.decisions.plans()).map(({ engine, title, state }) => `${engine} ${state} ${title}`).toSorted();

describe('an engine in shadow', () => {
  it('is asked about the same state, and leaves figures and nothing else', async () => {
    await room.decisions.trigger('c1', ann);
    const alone = await shownPlans();
    expect(alone.length).toBeGreaterThan(0);
    const proposedAlone = (await room.audit.list(1_000)).length;

    const experiment = await start();
    const result = await run(experiment);
    expect(engineExperimentResult.parse(result)).toEqual(result);
    expect(result).toMatchObject({ runs: 1, compared: 1, hours: 0, verdict: 'too-few', lower: null });
    const { champion, challenger } = result;
    const saved = (await room.decisions.plans())
      .filter(({ state }) => state === 'proposed')
      .reduce((sum, { cost }) => sum + cost.savingMicroUsdPerHour, 0);
    expect(champion).toMatchObject({ clusters: 1, runs: 1, savedMicroUsdPerHour: saved });
    expect(champion.savedShare).toBeCloseTo(saved / (5 * 192_000), 9);
    expect(challenger.savedShare ?? 0).toBeGreaterThan(champion.savedShare ?? 1);
    expect(challenger.savedShare).toBeLessThanOrEqual(1);

    // What is offered, done and audited is what the champion alone would have brought about.
    const open = (await shownPlans()).filter(text => text.includes(' proposed '));
    expect(open).toEqual(alone);
    const audited = await room.audit.list(1_000);
    const proposals = audited.filter(({ action }) => action === 'plan.proposed').length;
    expect(proposals).toBe(2 * alone.length);
    expect(audited.length - proposedAlone).toBe(2 * alone.length);
    expect(await new PlanStore(room.database).plansIn(['approved', 'running', 'succeeded'])).toEqual([]);
    expect(room.kinds()).toEqual([]);
  });

  it('cannot act where a policy approves: only plans of the champion start', async () => {
    await room.decisions.policies.save('c1', { document: { mode: 'automatic' } }, 0, ann);
    const result = await run(await start());
    expect(result.compared).toBe(1);
    const engines = new Set((await room.decisions.plans()).map(({ engine }) => engine));
    expect([...engines]).toEqual(['spot']);
  });

  it('is judged by hours that are over, and what is known survives a restart', async () => {
    const experiment = await start();
    for (let hour = 0; hour < 2; hour++) {
      await run(experiment);
      await run(experiment);
      room.nowMs += MS_PER_HOUR;
    }
    const result = await resultOf(experiment);
    expect(result).toMatchObject({ runs: 4, compared: 4, hours: 2, verdict: 'too-few', runsLeft: null });
    expect(result.series).toHaveLength(2);
    expect(result.series[0]?.atMs).toBe(experiment.startedAt + MS_PER_HOUR);
    const difference = (result.challenger.savedShare ?? 0) - (result.champion.savedShare ?? 0);
    expect(result.meanDifference).toBeCloseTo(difference, 9);

    await room.decisions.stop();
    room.decisions = await room.another();
    expect(await resultOf(experiment)).toEqual(result);
    expect((await run(experiment)).runs).toBe(5);
  });

  it('ends the experiment when it gives no valid answer three times; runs go on as if nothing were', async () => {
    room.cluster.observed = withoutPlaces;
    const experiment = await start();
    for (let count = 0; count < 3; count++) expect((await run(experiment)).compared).toBe(0);
    expect(await ended(experiment)).toMatchObject({
      outcome: 'guardrail',
      endedBy: 'engine',
      endReason: expect.stringMatching(/gave no valid answer 3 times; .*does not tell where pods may run/),
    });
    expect((await room.decisions.trigger('c1', ann)).state).toBe('finished');
    expect((await resultOf(experiment)).runs).toBe(3);
  });

  it('is no part of runs of clusters that use another engine, or of an engine that was named', async () => {
    const experiment = await start();
    expect((await experiments().partOf('c1')).shadow?.name).toBe('packing-then-spot');
    await room.decisions.trigger('c1', ann, 'spot');
    await room.decisions.engines.choose('c1', 'bin-packing', {}, 'Ann');
    const part = await experiments().partOf('c1');
    expect([part.engine.name, part.experiment, part.shadow]).toEqual(['bin-packing', undefined, undefined]);
    await room.decisions.trigger('c1', ann);
    // As long as a challenger that was asked nevertheless would have needed.
    await new Promise(resolve => setTimeout(resolve, 500));
    expect((await resultOf(experiment)).runs).toBe(0);
  });
});

describe('engines in an A/B', () => {
  it('share out the clusters for good; every plan names its engine, and no verdict is made up', async () => {
    const experiment = await start({ mode: 'ab', challengerShare: 1 });
    const result = await run(experiment);
    expect(result).toMatchObject({ verdict: 'unknown', compared: 0, hoursLeft: null, runsLeft: null });
    expect(result.champion).toMatchObject({ runs: 0, savedShare: null, movesPerUsdPerHour: null });
    expect(result.challenger).toMatchObject({ clusters: 1, runs: 1 });
    expect(result.sentence).toMatch(/which engine is better is unknown/);
    const run1 = (await room.decisions.runs('c1'))[0];
    expect(run1?.engine).toBe('packing-then-spot');
    const plans = await room.decisions.plans();
    expect(plans.some(({ engine }) => engine === 'bin-packing')).toBe(true);
    expect(plans.every(({ engine }) => ['bin-packing', 'spot'].includes(engine))).toBe(true);

    await experiments().stop(experiment.id, 'Ann', 'enough');
    expect((await room.decisions.trigger('c1', ann)).engine).toBe('spot');
  });

  it('give each cluster to the same side before and after a restart', async () => {
    const experiment = await start({ mode: 'ab', challengerShare: 0.5 });
    const ids = Array.from({ length: 200 }, (_, index) => `cluster-${index}`);
    const sides = async () => Promise.all(ids.map(async id => (await experiments().partOf(id)).arm));
    const before = await sides();
    const challenged = before.filter(arm => arm === 'challenger').length;
    expect(challenged).toBeGreaterThan(70);
    expect(challenged).toBeLessThan(130);
    await room.decisions.stop();
    room.decisions = await room.another();
    expect(await sides()).toEqual(before);
    const { rule } = (await experiments().get(experiment.id)).experiment;
    expect(rule).toEqual(experiment.rule);
  });

  it('end when the challenger fails in its runs', async () => {
    room.cluster.observed = withoutPlaces;
    const experiment = await start({
      mode: 'ab',
      challengerShare: 1,
      guardrails: { invalidAnswers: 1, overruns: 3, refusedShare: 0.2, movesFactor: 3 },
    });
    await expect(room.decisions.trigger('c1', ann)).rejects.toThrow(/does not tell where pods may run/);
    expect((await ended(experiment)).outcome).toBe('guardrail');
    expect((await room.decisions.trigger('c1', ann)).engine).toBe('spot');
  });
});

describe('an experiment between engines', () => {
  it('makes the challenger the engine of the clusters of the champion, and the ledger says who was active', async () => {
    const experiment = await start();
    const promoted = await experiments().promote(experiment.id, 'Ada');
    expect(promoted).toMatchObject({ outcome: 'promoted', endedBy: 'Ada', endedAt: room.nowMs });
    expect(await room.decisions.engines.choices()).toMatchObject([
      { clusterId: 'c1', engineId: 'packing-then-spot', changedBy: 'Ada' },
    ]);
    expect((await room.decisions.trigger('c1', ann)).engine).toBe('packing-then-spot');
    const ledger = await experiments().ledger({ limit: 10 });
    expect(ledger.map(({ seq, kind, engineId, clusterId }) => [seq, kind, engineId, clusterId])).toEqual([
      [3, 'experiment-ended', 'packing-then-spot', null],
      [2, 'chosen', 'packing-then-spot', 'c1'],
      [1, 'experiment-started', 'packing-then-spot', null],
    ]);
    expect(ledger.at(-1)?.experiment).toEqual({ championId: 'spot', rule: experiment.rule });
    expect(await experiments().ledger({ limit: 10, before: 2 })).toHaveLength(1);
    await expect(experiments().promote(experiment.id, 'Ada')).rejects.toThrow(/has ended already/);
    await expect(experiments().stop(experiment.id, 'Ada', null)).rejects.toThrow(/has ended already/);
  });

  it('is refused with the reason, and leaves nothing behind', async () => {
    await expect(start({ challengerId: 'spot' })).rejects.toThrow('"spot" is the champion itself.');
    await expect(start({ challengerId: 'nobody' })).rejects.toThrow('There is no engine "nobody".');
    await expect(start({ championId: 'bin-packing' })).rejects.toThrow(
      'No cluster uses engine "bin-packing".',
    );
    expect(await experiments().list()).toEqual([]);
    const first = await start();
    await expect(start({ challengerId: 'bin-packing' })).rejects.toThrow(/runs already/);
    await experiments().stop(first.id, 'Ann', null);
    const second = await start({ challengerId: 'bin-packing' });
    room.nowMs += 1;
    expect((await experiments().list()).map(({ id }) => id).toSorted()).toEqual(
      [first.id, second.id].toSorted(),
    );
    await expect(experiments().get('x')).rejects.toThrow('There is no experiment "x".');
  });
});
