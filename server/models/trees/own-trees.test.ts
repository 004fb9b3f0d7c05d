import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../../common/contracts/index.ts';
import { seededRandom } from '../../../common/seeded-random.ts';
import { LoadedModel } from '../loaded-model.ts';
import type { ChildSession } from '../model-session.ts';
import { pretendChild, sessionOf } from '../testing/pretend-child.ts';
import { OwnTrees } from './own-trees.ts';
import { readTreePlan } from './read-tree-plan.ts';
import { TreeModel } from './tree-model.ts';
import { checkedPlan, type TreePlan, type TreeStep } from './tree-plan.ts';

const samples = join(import.meta.dirname, '../../../resources/models');
const path = join(samples, 'spot-price-gbt.onnx');
const { golden, features } = JSON.parse(
  readFileSync(join(samples, 'spot-price-gbt.manifest.json'), 'utf8'),
) as ModelManifest;
const columns = features.length;
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-own-trees-'));
const open: ChildSession[] = [];
afterEach(() => Promise.all(open.splice(0).map(session => session.close())));
afterAll(() => rmSync(folder, { recursive: true }));

function samplePlan(): TreePlan {
  const file = openSync(path, 'r');
  const { plan } = readTreePlan(file, fstatSync(file).size, columns);
  closeSync(file);
  if (!plan) throw new Error('the sample is not walked');
  return plan;
}

const rows = Float64Array.from(golden.flatMap(({ input }) => input.map(value => value ?? Number.NaN)));
const expected = LoadedModel.load(path).run(rows, columns)[0]?.values ?? new Float64Array();

describe('few rows of a model of trees', { timeout: 60_000 }, () => {
  it('are answered to the bit while the child of the model is stopped, and many are not', async () => {
    const { session, events } = sessionOf(undefined, { features: columns, path });
    open.push(session);
    await session.warmUp();
    process.kill(session.pid ?? 0, 'SIGSTOP');
    try {
      const uses = events.uses;
      const [values] = await session.run(rows, columns);
      expect(values).toEqual(expected);
      expect(events.uses).toBe(uses + 1);
      const many = session.run(new Float64Array(columns * 100_000), columns);
      const first = await Promise.race([many, new Promise(resolve => setTimeout(resolve, 300, 'waits'))]);
      expect(first).toBe('waits');
      process.kill(session.pid ?? 0, 'SIGCONT');
      expect((await many)[0]).toHaveLength(100_000);
    } finally {
      if (session.pid !== undefined) process.kill(session.pid, 'SIGCONT');
    }
  });

  it('are answered by the child when it says something else than its trees do', async () => {
    const lying = pretendChild(
      folder,
      'lying',
      `let model;
      answerRequests(async ({ path }) => {
        model = ThreadedModel.load(path, { script: import.meta.filename, onLost: () => {}, threads: 1 });
        return { outputs: model.outputs, isDouble: true, trees: model.trees };
      });
      answerRuns(4, async (rows, columns) =>
        (await model.run(rows, columns)).map(({ width, values }) => ({ width, values: values.map(value => value + 1) })));`,
    );
    const { session } = sessionOf(lying, { features: columns, path });
    open.push(session);
    await session.warmUp();
    const [values] = await session.run(rows, columns);
    expect(values).toEqual(expected.map(value => value + 1));
  });
});

describe('a plan that a child tells', () => {
  const plan = samplePlan();
  const steps = (change: Partial<Extract<TreeStep, { kind: 'trees' }>>): TreePlan => ({
    ...plan,
    steps: plan.steps.map(step => (step.kind === 'trees' ? { ...step, ...change } : step)),
  });

  it('is taken when it is one', () => {
    const told = deserialize(serialize(plan)) as unknown;
    const checked = checkedPlan(told);
    expect(checked && new TreeModel(checked).run(rows, columns)[0]?.values).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['is nothing', null],
    ['has no steps', { ...plan, steps: undefined }],
    ['wants more memory than any model', { ...plan, memoryBytes: 2 ** 30 }],
    [
      'puts more into its memory than it has',
      { ...plan, contents: [{ at: plan.memoryBytes, bytes: Buffer.alloc(1) }] },
    ],
    ['has no trees in a step of trees, which would count down from nothing', steps({ trees: 0 })],
    ['has trees without depth', steps({ depth: 0 })],
    ['would run for hours', steps({ trees: 2 ** 30, depth: 2 ** 30 })],
    ['has levels that no kernel has', steps({ levels: 30 })],
    ['has a place that is no number', steps({ to: '1' as unknown as number })],
    ['has more sums than memory', steps({ targets: 2 ** 30 })],
  ])('and %s is none', (_, value) => {
    expect(checkedPlan(value)).toBeUndefined();
  });

  it('of any numbers whatever ends soon, and harms nothing', { timeout: 60_000 }, () => {
    const random = seededRandom(5);
    let taken = 0;
    for (let round = 0; round < 400; round++) {
      const any = (value: unknown): unknown => {
        if (value instanceof Uint8Array) {
          const bytes = value.slice();
          for (let change = 0; change < 20; change++)
            bytes[Math.floor(random() * bytes.length)] = random() * 256;
          return bytes;
        }
        if (typeof value === 'number' && random() < 0.05) return Math.floor(2 ** (31 * random()));
        if (Array.isArray(value)) return value.map(any);
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, any(own)]));
      };
      const checked = checkedPlan(any(plan));
      if (!checked) continue;
      taken++;
      const startedAt = performance.now();
      const own = OwnTrees.open(checked, columns, { rows, outputs: [expected] });
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      if (own) expect(own.run(rows)).toEqual([expected]);
    }
    expect(taken).toBeGreaterThan(20);
  });
});
