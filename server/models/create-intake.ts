import type { Readable } from 'node:stream';
import type { ModelDraft, ModelManifest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { type AdmittedFile, admitFile } from './admit-file.ts';
import { type CheckedManifest, type ManifestProblem, manifestError } from './manifest.ts';
import { ModelDrafts } from './model-drafts.ts';
import type { StoredModel } from './model-store.ts';
import { manifestOf, type RegisterParts, registerModel } from './register-model.ts';

/** The way in: from bytes that arrive to a version in the registry. */
export interface Intake {
  register(
    source: Readable | string,
    fileName: string,
    manifestText?: string | (() => Promise<string | undefined>),
  ): Promise<StoredModel>;
  registerDraft(draftId: string, manifest: unknown): Promise<StoredModel>;
  drafts(): Promise<ModelDraft[]>;
  discardDraft(draftId: string): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the way in. A file that cannot be let in is gone; one that lacks words about itself waits for them. */
export function createIntake(parts: RegisterParts): Intake {
  const drafts = new ModelDrafts(parts.clock, parts.features);
  const takenVersions = async (name: string) =>
    (await parts.store.all())
      .filter(({ manifest }) => manifest.name.toLowerCase() === name.toLowerCase())
      .map(({ manifest }) => manifest.version);

  /** Keeps the file and says what it lacks. */
  const wait = async (admitted: AdmittedFile, value: unknown, problems: Problems, error: AppError) => {
    const draft = await drafts.add(admitted, value, problems, takenVersions);
    const { code, message, hint, details } = error;
    return new AppError(code, message, { hint, details: { ...(details as object | undefined), draft } });
  };

  return {
    register: async (source, fileName, manifestText) => {
      const file = await parts.files.receive(source);
      const text = await textOf(manifestText).catch(async (error: unknown) => {
        await file.discard();
        throw error;
      });
      const admitted = await admitFile(parts, file, fileName);
      try {
        const { value, checked } = manifestOf(parts, admitted, text);
        if ('problems' in checked) {
          const isSaid = text !== undefined || admitted.manifestText !== undefined;
          const error = isSaid ? manifestError(checked.problems) : manifestNeeded(fileName, checked.problems);
          throw await wait(admitted, value, checked.problems, error);
        }
        return await registerModel(parts, admitted, checked.manifest).catch(async (error: unknown) => {
          if (!(error instanceof AppError) || error.code !== 'resource.conflict') throw error;
          const { message, code } = error;
          throw await wait(admitted, value, [{ field: 'version', message, code }], error);
        });
      } catch (error) {
        if (!isWaiting(error)) await admitted.discard();
        throw error;
      }
    },
    registerDraft: async (draftId, manifest) => {
      const admitted = await drafts.file(draftId);
      const { checked } = manifestOf(parts, admitted, JSON.stringify(manifest));
      const stored = await registerModel(parts, admitted, accepted(checked));
      drafts.forget(draftId);
      return stored;
    },
    drafts: () => drafts.list(),
    discardDraft: async draftId => {
      await drafts.file(draftId);
      await drafts.discard(draftId);
    },
    stop: () => drafts.discardAll(),
  };
}

type Problems = readonly [ManifestProblem, ...ManifestProblem[]];

function accepted(checked: CheckedManifest): ModelManifest {
  if ('manifest' in checked) return checked.manifest;
  const { message, code, details } = manifestError(checked.problems);
  const problems = checked.problems.map(({ field, message: each }) => ({ field, message: each }));
  throw new AppError(code, message, { details: { ...(details as object | undefined), problems } });
}

function isWaiting(error: unknown): boolean {
  return error instanceof AppError && Object.hasOwn(Object(error.details), 'draft');
}

function manifestNeeded(fileName: string, problems: readonly ManifestProblem[]): AppError {
  const lacking = problems.map(({ message }) => message).join('; ');
  return new AppError(
    'model.manifest-needed',
    `"${fileName}" is a sound model, but does not say well enough what it is for: ${lacking}.`,
    {
      hint: 'Complete the named fields in the form, or send a manifest as JSON in the form field "manifest".',
    },
  );
}

async function textOf(
  manifest: string | (() => Promise<string | undefined>) | undefined,
): Promise<string | undefined> {
  return typeof manifest === 'function' ? manifest() : manifest;
}
