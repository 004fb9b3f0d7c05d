import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { experimentOrder, type Model } from '../../common/contracts/index.ts';
import type { ChildSession } from './model-session.ts';
import { openTestRegistry, ridgePath, type TestRegistry, treesPath } from './registry.fixture.ts';

let registry: TestRegistry;
let champion: Model;
let challenger: Model;
beforeEach(async () => {
  registry = await openTestRegistry();
  champion = await registry.models.register(ridgePath, 'ridge.onnx');
  challenger = await registry.models.register(treesPath, 'trees.onnx');
});
afterEach(() => registry.close());

const order = (change: object = {}) => experimentOrder.parse({ challengerId: challenger.id, ...change });
const aliases = async (id: string) => (await registry.models.get(id)).aliases;
const running = async () => (await registry.models.experiments()).filter(({ endedAt }) => endedAt === null);

describe('an experiment', () => {
  it('needs a champion, another model that is ready, and no other experiment', async () => {
    const { models } = registry;
    await expect(models.startExperiment(order(), 'ann')).rejects.toMatchObject({ code: 'resource.conflict' });
    await models.activate(champion.id, 'ann');
    await expect(models.startExperiment(order({ challengerId: champion.id }), 'ann')).rejects.toMatchObject({
      message: expect.stringContaining('champion itself'),
    });
    registry.share = 0.5;
    await expect(models.startExperiment(order(), 'ann')).rejects.toMatchObject({ code: 'model.not-ready' });
    registry.share = 1;
    await models.startExperiment(order(), 'ann');
    await expect(models.startExperiment(order(), 'ann')).rejects.toMatchObject({
      message: expect.stringContaining('runs already'),
    });
  });

  it('in shadow serves nobody; an A/B serves its share; both are forgotten by nobody', async () => {
    const { models } = registry;
    await models.activate(champion.id, 'ann');
    const shadow = await models.startExperiment(order({ challengerShare: 1 }), 'ann');
    expect(await aliases(challenger.id)).toEqual(['challenger']);
    const served = () => models.activeFor('spot-price', { clusterId: 'shop' });
    expect(await served()).toMatchObject({ modelId: champion.id, experimentId: shadow.id });
    await models.endExperiment(shadow.id, { outcome: 'stopped', endedBy: 'bob', endReason: 'enough' });
    registry.nowMs += 1;
    await models.startExperiment(order({ mode: 'ab', challengerShare: 1 }), 'ann');
    expect(await served()).toMatchObject({ modelId: challenger.id, alias: 'challenger' });
    await registry.restart();
    expect(await registry.models.activeFor('spot-price', { clusterId: 'shop' })).toMatchObject({
      modelId: challenger.id,
    });
    expect(await registry.models.experiments()).toMatchObject([
      { outcome: 'running' },
      { id: shadow.id, outcome: 'stopped', endedBy: 'bob', endReason: 'enough' },
    ]);
    await expect(registry.models.delete(challenger.id)).rejects.toMatchObject({ code: 'resource.conflict' });
  });

  it('ends as promoted when its challenger is activated', async () => {
    const { models } = registry;
    await models.activate(champion.id, 'ann');
    const { id } = await models.startExperiment(order(), 'ann');
    await models.activate(challenger.id, 'bob');
    expect(await models.experiments()).toMatchObject([{ id, outcome: 'promoted', endedBy: 'bob' }]);
    expect(await aliases(challenger.id)).toEqual(['champion']);
    await expect(
      models.endExperiment(id, { outcome: 'stopped', endedBy: 'bob', endReason: null }),
    ).rejects.toMatchObject({ code: 'resource.conflict' });
  });

  it('ends when the champion goes', async () => {
    const { models } = registry;
    await models.activate(challenger.id, 'ann');
    await models.activate(champion.id, 'ann');
    await models.startExperiment(order({ mode: 'ab' }), 'ann');
    await models.breachGate(champion.id, 'worse than the last price');
    expect(await running()).toEqual([]);
    expect(await models.activeFor('spot-price', { clusterId: 'shop' })).toMatchObject({
      modelId: challenger.id,
      alias: 'champion',
      experimentId: null,
    });
  });
});

describe('a champion whose process fails three times in a row', () => {
  it('is faulty, gives way to the one before it, and the ledger says why', async () => {
    const { models } = registry;
    await models.activate(champion.id, 'ann');
    await models.activate(challenger.id, 'ann');
    const session = await models.openSession(challenger.id);
    const columns = challenger.manifest.features.length;
    for (let failure = 0; failure < 3; failure++) {
      const running = session.run(new Float64Array(400_000 * columns), columns);
      const failed = expect(running).rejects.toMatchObject({ code: 'model.faulty' });
      await new Promise(resolve => setTimeout(resolve, 20));
      process.kill((session as ChildSession).pid ?? 0, 'SIGKILL');
      await failed;
    }
    await expect.poll(async () => (await models.champion('spot-price'))?.id).toBe(champion.id);
    expect(await models.get(challenger.id)).toMatchObject({ state: 'faulty', aliases: [] });
    expect((await models.activationsOf(champion.id)).at(-1)).toMatchObject({
      kind: 'rolled-back',
      actor: 'engine',
      reason: expect.stringContaining('failed three times in a row'),
    });
  });
});

describe('a champion that fails its gate', () => {
  it('gives way to the one before it, with the reason in the ledger', async () => {
    const { models } = registry;
    await models.activate(champion.id, 'ann');
    await models.activate(challenger.id, 'ann');
    await models.breachGate(challenger.id, 'It is worse than the last price.');
    expect((await models.champion('spot-price'))?.id).toBe(champion.id);
    expect(await models.get(challenger.id)).toMatchObject({ state: 'retired', aliases: [] });
    expect((await models.activationsOf(champion.id)).at(-1)).toMatchObject({
      kind: 'rolled-back',
      actor: 'engine',
      reason: 'It is worse than the last price.',
    });
    // A second word about the same model changes nothing.
    await models.breachGate(challenger.id, 'again');
    expect((await models.champion('spot-price'))?.id).toBe(champion.id);
  });

  it('leaves persistence when the one before does not run any more', async () => {
    const { models, folder } = registry;
    await models.activate(champion.id, 'ann');
    await models.activate(challenger.id, 'ann');
    await registry.restart();
    const path = join(folder, 'models', champion.sha256, 'model.onnx');
    rmSync(path);
    writeFileSync(path, 'damaged');
    await registry.models.breachGate(challenger.id, 'worse');
    expect(await registry.models.champion('spot-price')).toBeUndefined();
    await expect(registry.models.rollback('spot-price', 'ann')).rejects.toMatchObject({
      code: 'resource.conflict',
    });
  });
});
