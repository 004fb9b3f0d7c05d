import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChildSession } from './model-session.ts';
import type { Models } from './models.ts';
import {
  sampleManifest as manifestOf,
  openTestRegistry,
  ridgePath as ridge,
  type TestRegistry,
  treesPath as trees,
} from './registry.fixture.ts';

let registry: TestRegistry;
let models: Models;
beforeEach(async () => {
  registry = await openTestRegistry();
  models = registry.models;
});
afterEach(() => registry.close());

const kept = () => registry.kept().running;

describe('registering', () => {
  it('takes a sample model in with what it says about itself', async () => {
    registry.share = 0.2;
    const model = await models.register(ridge, 'spot-price-ridge.onnx');
    expect(model).toMatchObject({ state: 'gap-open', coveredShare: 0.2, verdict: 'accepted', aliases: [] });
    expect(model.gapDays).toBeCloseTo(34.5, 9);
    expect(model.operators).toEqual(['Div', 'MatMul']);
    expect(kept()).toEqual([model.sha256]);
    expect(await models.need(model.id)).toMatchObject({ trainedUntilMs: Date.UTC(2026, 9, 20) });
  });

  it('knows the same file again', async () => {
    const first = await models.register(ridge, 'a.onnx');
    expect((await models.register(ridge, 'b.onnx')).id).toBe(first.id);
    expect(await models.list()).toHaveLength(1);
    expect(registry.incoming()).toEqual([]);
  });

  it.each([
    ['model.pkl', Buffer.from('80049505000000000000004b012e', 'hex'), /"model\.pkl": .*Python file/],
    ['holiday.png', Buffer.from('89504e470d0a1a0a0000000d', 'hex'), /"holiday\.png" is a PNG image/],
    ['empty.onnx', Buffer.alloc(0), /"empty\.onnx" is empty/],
    ['cut.onnx', readFileSync(ridge).subarray(0, 700), /"cut\.onnx" is no ONNX model, or damaged/],
  ])('refuses %s by name and keeps nothing of it', async (name, content, message) => {
    await expect(models.register(Readable.from([content]), name)).rejects.toMatchObject({
      code: 'model.not-a-model',
      message: expect.stringMatching(message),
    });
    expect(await models.list()).toEqual([]);
    expect(kept()).toEqual([]);
    expect(registry.incoming()).toEqual([]);
  });

  it('lists near matches of an unknown feature', async () => {
    const manifest = { ...manifestOf('spot-price-ridge'), golden: [] };
    const features = manifest.features.with(0, { name: 'return_1hour' }).with(3, { name: 'changes_24hours' });
    const text = JSON.stringify({ ...manifest, features });
    await expect(models.register(ridge, 'x.onnx', text)).rejects.toMatchObject({
      code: 'model.unknown-feature',
      message: expect.stringMatching(/near matches: return_1h.*"changes_24hours"/),
      details: {
        unknownFeatures: [
          { name: 'return_1hour', nearMatches: ['return_1h'] },
          { name: 'changes_24hours', nearMatches: ['changes_24h'] },
        ],
      },
    });
  });

  it.each([
    [{ trainedUntil: '2027-01-01' }, /trainedUntil is 2027-01-01, which lies in the future/],
    [{ trainedUntil: 'yesterday' }, /trainedUntil is "yesterday", which is no ISO 8601 time/],
    [{ scope: undefined }, /scope is missing/],
    [{ task: 'weather' }, /task: invalid option/],
  ])('names the wrong value of a manifest: %j', async (change, message) => {
    const text = JSON.stringify({ ...manifestOf('spot-price-ridge'), ...change });
    await expect(models.register(ridge, 'x.onnx', text)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(message),
    });
    expect(kept()).toEqual([]);
  });

  it('refuses a model that does not give what its makers got', async () => {
    const manifest = manifestOf('spot-price-ridge');
    const [first] = manifest.golden;
    const golden = manifest.golden.with(0, {
      input: first?.input ?? [],
      output: (first?.output ?? []).map(value => value * (1 + 1e-7)),
    });
    await expect(
      models.register(ridge, 'x.onnx', JSON.stringify({ ...manifest, golden })),
    ).rejects.toMatchObject({ code: 'model.rejected', message: expect.stringContaining('golden row 1') });
  });
});

describe('a session', () => {
  it.each([
    ['spot-price-ridge', ridge],
    ['spot-price-gbt', trees],
  ] as const)('of %s gives what Python got to 1e-9', async (name, path) => {
    const { id } = await models.register(path, `${name}.onnx`);
    const session = await models.openSession(id);
    const { golden, features } = manifestOf(name);
    // Far more rows than travel at once, so that parts are put together in order.
    const many = Array.from({ length: 9_000 }, (_, index) => golden[index % golden.length]?.input ?? []);
    const [output] = await session.run(Float64Array.from(many.flat()), features.length);
    expect(output).toHaveLength(9_000);
    for (const [row, value] of (output ?? []).entries()) {
      const expected = golden[row % golden.length]?.output[0] ?? Number.NaN;
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1e-6, Math.abs(expected)));
    }
  });

  it('whose process is killed in the middle of a request says so, and the next request works', async () => {
    const { id } = await models.register(trees, 'trees.onnx');
    const session = (await models.openSession(id)) as ChildSession;
    const { golden, features } = manifestOf('spot-price-gbt');
    const rows = Float64Array.from(Array.from({ length: 8_000 }, () => golden[0]?.input ?? []).flat());
    const running = session.run(rows, features.length);
    await new Promise(resolve => setImmediate(resolve));
    process.kill(session.pid ?? 0, 'SIGKILL');
    await expect(running).rejects.toMatchObject({
      code: 'model.faulty',
      message: expect.stringContaining('SIGKILL'),
      details: { outcome: 'crashed' },
    });
    const [output] = await session.run(rows.slice(0, features.length), features.length);
    expect(output?.[0]).toBeCloseTo(golden[0]?.output[0] ?? Number.NaN, 12);
  });

  it('refuses the wrong number of features', async () => {
    const { id } = await models.register(ridge, 'ridge.onnx');
    const session = await models.openSession(id);
    await expect(session.run(new Float64Array(5), 5)).rejects.toMatchObject({ code: 'input.invalid' });
  });
});

describe('activation', () => {
  it('waits for the gap to be filled', async () => {
    registry.share = 0.5;
    const { id } = await models.register(ridge, 'ridge.onnx');
    await expect(models.activate(id, 'ann')).rejects.toMatchObject({
      code: 'model.not-ready',
      message: expect.stringContaining('50 %'),
    });
    registry.share = 1;
    await models.refreshCoverage();
    expect((await models.get(id)).state).toBe('ready');
    expect(await models.activate(id, 'ann')).toMatchObject({ state: 'active', aliases: ['champion'] });
  });

  it('replaces the champion, and a rollback brings it back', async () => {
    const first = await models.register(ridge, 'ridge.onnx');
    const second = await models.register(trees, 'trees.onnx');
    await models.activate(first.id, 'ann');
    await models.activate(second.id, 'ann');
    expect((await models.get(first.id)).state).toBe('retired');
    expect(await models.rollback('spot-price', 'bob')).toMatchObject({ id: first.id, state: 'active' });
    expect((await models.champion('spot-price'))?.id).toBe(first.id);
    expect((await models.get(second.id)).state).toBe('retired');
    await expect(models.rollback('spot-price', 'bob')).rejects.toMatchObject({ code: 'resource.conflict' });
    expect(await models.activationsOf(first.id)).toMatchObject([
      { kind: 'activated', actor: 'ann' },
      { kind: 'rolled-back', actor: 'bob' },
    ]);
  });

  it('of a file that was changed on disk fails, and the old champion serves on', async () => {
    const first = await models.register(ridge, 'ridge.onnx');
    const second = await models.register(trees, 'trees.onnx');
    await models.activate(first.id, 'ann');
    const path = join(registry.folder, 'models', second.sha256, 'model.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    rmSync(path);
    writeFileSync(path, bytes);
    await expect(models.activate(second.id, 'ann')).rejects.toMatchObject({ code: 'storage.damaged' });
    expect((await models.champion('spot-price'))?.id).toBe(first.id);
    expect((await models.get(second.id)).state).toBe('ready');
  });
});
