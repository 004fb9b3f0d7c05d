import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelDraft } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import {
  openTestRegistry,
  pickleManifest,
  picklePath,
  ridgePath,
  sampleManifest,
  type TestRegistry,
} from './registry.fixture.ts';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await openTestRegistry();
});
afterEach(() => registry.close());

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** The draft that comes with a refusal. */
async function draftOf(refusal: Promise<unknown>): Promise<{ error: AppError; draft: ModelDraft }> {
  const error = await refusal.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`It was taken in, or failed otherwise: ${String(error)}`);
  return { error, draft: (error.details as { draft: ModelDraft }).draft };
}

describe('a file of Python', () => {
  it('is kept as it came beside the ONNX file that stands for it', async () => {
    const { models } = registry;
    const model = await models.register(picklePath, 'bayes.pkl', JSON.stringify(pickleManifest));
    const original = readFileSync(picklePath);
    expect(model.original).toEqual({
      sha256: sha256(original),
      bytes: original.length,
      fileName: 'bayes.pkl',
    });
    expect(model.sha256).not.toBe(model.original.sha256);
    expect(registry.kept()).toEqual({ running: [model.sha256], originals: [model.original.sha256] });
    const file = await models.readFile(model.id, 'original');
    expect(Buffer.concat(await file.stream.toArray())).toEqual(original);
    const onnx = await models.readFile(model.id, 'onnx');
    expect(sha256(Buffer.concat(await onnx.stream.toArray()))).toBe(model.sha256);
    expect(registry.incoming()).toEqual([]);
  });

  it('that does not say what it is waits for the rest of its manifest', async () => {
    const { models } = registry;
    const { error, draft } = await draftOf(models.register(picklePath, 'spot_price-bayes.pkl.gz'));
    expect(error.code).toBe('model.manifest-needed');
    expect(draft.columns).toHaveLength(4);
    expect(draft.suggestion).toMatchObject({
      name: 'spot price-bayes',
      version: '1.0.0',
      task: 'spot-price',
    });
    expect(draft.suggestion).not.toHaveProperty('trainedUntil');
    expect(draft.problems.map(({ field }) => field)).toContain('trainedUntil');
    expect(draft.madeWith).toMatchObject({
      model: 'sklearn.linear_model.BayesianRidge',
      library: 'sklearn',
    });
    expect(await models.drafts()).toEqual([draft]);

    const refused = models.registerDraft(draft.id, { ...pickleManifest, trainedUntil: 'soon' });
    await expect(refused).rejects.toMatchObject({ code: 'input.invalid', details: { problems: [{}] } });
    const model = await models.registerDraft(draft.id, pickleManifest);
    expect(model).toMatchObject({ state: 'ready', manifest: { name: 'Bayes' } });
    expect((await models.get(model.id)).madeWith).toEqual(draft.madeWith);
    expect(await models.drafts()).toEqual([]);
    await expect(models.registerDraft(draft.id, pickleManifest)).rejects.toMatchObject({
      code: 'resource.not-found',
    });
    expect(registry.incoming()).toEqual([]);
  });
});

describe('an upload that waits', () => {
  it('is gone when it is discarded, after an hour, and at the next start', async () => {
    const first = await draftOf(registry.models.register(picklePath, 'a.pkl'));
    await registry.models.discardDraft(first.draft.id);
    expect(registry.incoming()).toEqual([]);

    const second = await draftOf(registry.models.register(picklePath, 'b.pkl'));
    registry.nowMs += 3_600_000;
    expect(await registry.models.drafts()).toEqual([]);
    await expect(registry.models.registerDraft(second.draft.id, pickleManifest)).rejects.toMatchObject({
      code: 'resource.not-found',
    });
    expect(registry.incoming()).toEqual([]);

    await draftOf(registry.models.register(picklePath, 'c.pkl'));
    await registry.restart();
    expect(registry.incoming()).toEqual([]);
    expect(registry.kept()).toEqual({ running: [], originals: [] });
  });

  it('names every problem of its manifest, with near matches of its features', async () => {
    const manifest = sampleManifest('spot-price-ridge');
    const features = manifest.features.with(0, { name: 'return_1hour' });
    const text = JSON.stringify({ ...manifest, golden: [], trainedUntil: '2027-01-01', features });
    const { error, draft } = await draftOf(registry.models.register(ridgePath, 'x.onnx', text));
    expect(error.message).toContain('2027-01-01');
    expect(draft.problems.map(({ field }) => field)).toEqual(['trainedUntil', 'features.0']);
    expect(draft.columns[0]).toEqual({ name: 'return_1hour', isKnown: false, nearMatches: ['return_1h'] });
    expect(draft.columns[1]?.isKnown).toBe(true);
  });
});

describe('a version', () => {
  it('never changes: the same name and version with other content is refused, and can be given another number', async () => {
    const { models } = registry;
    const first = await models.register(ridgePath, 'ridge.onnx');
    const manifest = { ...sampleManifest('spot-price-ridge'), description: 'other words' };
    const { error, draft } = await draftOf(
      models.register(ridgePath, 'ridge.onnx', JSON.stringify(manifest)),
    );
    expect(error).toMatchObject({ code: 'resource.conflict' });
    expect(error.message).toContain(first.manifest.version);
    expect(draft.problems).toMatchObject([{ field: 'version' }]);
    const second = await models.registerDraft(draft.id, { ...manifest, version: '9.0.0' });
    expect(second.id).not.toBe(first.id);
    // The same bytes are stored once.
    expect(registry.kept().running).toEqual([first.sha256]);
  });

  it('keeps notes and tags apart from its content', async () => {
    const { models } = registry;
    const { id } = await models.register(ridgePath, 'ridge.onnx');
    await models.annotate(id, { notes: 'seen on a train', tags: ['quarter 3'] });
    await models.annotate(id, { tags: ['candidate'] });
    expect(await models.get(id)).toMatchObject({ notes: 'seen on a train', tags: ['candidate'] });
  });

  it('can be removed while nothing names it, and takes its files with it once no other version needs them', async () => {
    const { models } = registry;
    const first = await models.register(ridgePath, 'ridge.onnx');
    const other = { ...sampleManifest('spot-price-ridge'), version: '9.0.0' };
    const second = await models.register(ridgePath, 'ridge.onnx', JSON.stringify(other));
    const gone: string[] = [];
    models.onDeleted(id => gone.push(id));
    await models.openSession(second.id);
    await models.delete(second.id);
    expect(registry.kept().running).toEqual([first.sha256]);
    await models.activate(first.id, 'ann');
    await expect(models.delete(first.id)).rejects.toMatchObject({ code: 'resource.conflict' });
    expect(gone).toEqual([second.id]);
    expect((await models.list()).map(({ id }) => id)).toEqual([first.id]);
  });

  it('that turned faulty gets another chance when its file is sent again', async () => {
    const { models, folder } = registry;
    const model = await models.register(ridgePath, 'ridge.onnx');
    const path = join(folder, 'models', model.sha256, 'model.onnx');
    rmSync(path);
    writeFileSync(path, 'damaged');
    await expect(models.openSession(model.id)).rejects.toMatchObject({ code: 'storage.damaged' });
    await registry.database.write<{ models: { id: string; state: string } }, unknown>(transaction =>
      transaction.updateTable('models').set({ state: 'faulty' }).where('id', '=', model.id).execute(),
    );
    expect(await models.register(ridgePath, 'ridge.onnx')).toMatchObject({ id: model.id, state: 'ready' });
    await expect(models.openSession(model.id)).resolves.toBeDefined();
  });
});

describe('limits', () => {
  const bytes = readFileSync(ridgePath);

  it('refuse a file above the size limit, by its number, while it streams', async () => {
    const small = await openTestRegistry({ maxBytes: 1024, quotaBytes: 2 ** 20 });
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        for (; sent < 10_000; sent++) yield Buffer.alloc(1024, 1);
      })(),
    );
    await expect(small.models.register(endless, 'large.onnx')).rejects.toMatchObject({
      code: 'input.too-large',
      message: 'The model is larger than 1 KiB.',
    });
    expect(sent).toBeLessThan(200);
    expect(small.incoming()).toEqual([]);
    await small.close();
  });

  it('refuse what goes beyond the quota, those that wait included, and take it after a removal', async () => {
    const quotaBytes = bytes.length + 10_000;
    const small = await openTestRegistry({ maxBytes: 2 ** 20, quotaBytes });
    const { id } = await small.models.register(ridgePath, 'ridge.onnx');
    const other = JSON.stringify({ ...sampleManifest('spot-price-ridge'), version: '2.0.0' });
    const padded = Buffer.concat([bytes, Buffer.from([0x1a, 0x80, 0x50]), Buffer.alloc(10_240, 0x61)]);
    await expect(small.models.register(Readable.from([padded]), 'more.onnx', other)).rejects.toMatchObject({
      code: 'input.too-large',
      message: expect.stringContaining('no room'),
    });
    await small.models.delete(id);
    await small.models.register(Readable.from([bytes]), 'again.onnx', other);
    await small.close();
  });

  it('leave nothing of an upload that breaks off', async () => {
    const broken = new Readable({ read: () => undefined });
    broken.push(bytes.subarray(0, 500));
    setTimeout(() => broken.destroy(new Error('the line was cut')), 20);
    await expect(registry.models.register(broken, 'cut.onnx')).rejects.toThrow('the line was cut');
    expect(registry.incoming()).toEqual([]);
    expect(registry.kept()).toEqual({ running: [], originals: [] });
  });
});
