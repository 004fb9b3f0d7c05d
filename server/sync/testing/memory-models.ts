import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Model, ModelManifest } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { SyncedModels } from '../peer-models.ts';

/** A registry in memory that believes every file: that files are inspected is shown with real engines. */
export class MemoryModels implements SyncedModels {
  readonly #kept = new Map<string, { model: Model; bytes: Buffer }>();
  /** Bytes that were taken in, for what was moved twice. */
  taken = 0;

  /** Takes a file in as an upload would. */
  add(name: string, bytes: Buffer): Model {
    const manifest = { name, version: '1.0.0' } as ModelManifest;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const original = { sha256, bytes: bytes.length, fileName: `${name}.onnx` };
    const model = { id: name, state: 'ready', manifest, original } as Model;
    this.#kept.set(name, { model, bytes });
    return model;
  }

  remove(name: string): void {
    this.#kept.delete(name);
  }

  list: SyncedModels['list'] = async () => [...this.#kept.values()].map(({ model }) => model);

  readFile: SyncedModels['readFile'] = async (id, _kind, fromByte = 0) => {
    const found = this.#kept.get(id);
    if (!found) throw new AppError('resource.not-found', `There is no model ${id}.`);
    // In small pieces, so that a line can break within.
    const rest = found.bytes.subarray(fromByte);
    const pieces = Array.from({ length: Math.ceil(rest.length / 16) }, (_, n) =>
      rest.subarray(n * 16, n * 16 + 16),
    );
    return { model: found.model, stream: Readable.from(pieces), bytes: found.bytes.length };
  };

  register: SyncedModels['register'] = async (source, _fileName, manifestText) => {
    const bytes = readFileSync(source as string);
    this.taken += bytes.length;
    const manifest = JSON.parse(manifestText as string) as ModelManifest;
    return this.add(manifest.name, bytes);
  };

  discardDraft: SyncedModels['discardDraft'] = async () => undefined;
}
