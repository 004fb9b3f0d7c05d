import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../../common/errors.ts';
import { type Clock, type Logger, newId } from '../../platform/index.ts';
import type { PlugInSettings } from './ask-plug-in.ts';
import { checkEngine } from './check-engine.ts';
import type { EngineFiles, ReceivedEngine } from './engine-files.ts';
import { engineKind } from './engine-kind.ts';
import type { EngineStore, StoredEngine } from './engine-store.ts';

/** What registering needs. */
export interface RegisterEngineParts {
  readonly store: EngineStore;
  readonly files: EngineFiles;
  readonly settings: PlugInSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Checks wait for their turn; what arrives does not, so that a slow sender holds nobody up. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** An upload: its file, and the manifest beside it, which may come after the file. */
export interface EngineUpload {
  readonly stream: Readable;
  readonly fileName: string;
  readonly manifestText: () => Promise<string | undefined>;
  readonly uploadedBy: string;
}

/**
 * Takes an engine in when it passes every check of the conformance kit. The same file and manifest again is the engine that is there
 * already; when that one is faulty, it gets another chance.
 * @throws AppError `engine.rejected` with the checks as details, `resource.conflict` for a version that exists with other content,
 * `input.too-large`; nothing has changed then
 */
export async function registerEngine(
  parts: RegisterEngineParts,
  upload: EngineUpload,
): Promise<StoredEngine> {
  const received = await parts.files.receive(upload.stream);
  try {
    const manifestText = await upload.manifestText();
    return await parts.inTurn(() => takeIn(parts, upload, manifestText, received));
  } finally {
    await parts.files.discard(received);
  }
}

async function takeIn(
  { store, files, settings, clock, log }: RegisterEngineParts,
  { fileName, uploadedBy }: EngineUpload,
  manifestText: string | undefined,
  received: ReceivedEngine,
): Promise<StoredEngine> {
  const { sha256, content } = received;
  const kind = engineKind(content);
  const { manifest, checks, passed } = await checkEngine(
    { kind, bytes: content },
    manifestText,
    settings,
    log,
  );
  if (!manifest || !passed) {
    const failed = checks.filter(check => !check.passed).map(({ name, text }) => `${name}: ${text}`);
    throw new AppError('engine.rejected', `${fileName} is not taken in. ${failed.join('. ')}.`, {
      details: { checks },
    });
  }
  const { name, version } = manifest;
  const same = (await store.all()).find(
    one => one.manifest.name === name && one.manifest.version === version,
  );
  if (same) {
    if (same.file.sha256 !== sha256 || !isDeepStrictEqual(same.manifest, manifest)) {
      throw new AppError('resource.conflict', `There is an engine ${name} ${version} with other content.`, {
        hint: 'A version never changes: give this one a new version in its manifest.',
      });
    }
    if (same.state === 'ready') return same;
    await files.keep(received);
    await store.setState(same.id, 'ready', null);
    return { ...same, state: 'ready', faultyReason: null };
  }
  const engine: StoredEngine = {
    id: newId('engine'),
    manifest,
    file: {
      kind,
      fileName,
      sha256,
      bytes: content.length,
      uploadedAt: clock.now(),
      uploadedBy,
      checks: [...checks],
    },
    state: 'ready',
    faultyReason: null,
  };
  await files.keep(received);
  if (await store.insert(engine)) return engine;
  throw new AppError(
    'resource.conflict',
    `Engine ${name} ${version} was uploaded by somebody else just now.`,
  );
}
