import type { ModelDraft } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { type Clock, newId } from '../platform/index.ts';
import type { AdmittedFile } from './admit-file.ts';
import { withSuggestions } from './draft-manifest.ts';
import type { FeatureNames, ManifestProblem } from './manifest.ts';
import { answerNames } from './model-outputs.ts';

const KEPT_MS = MS_PER_HOUR;
/** Files may be large; the oldest one goes for a new one. */
const MOST_DRAFTS = 8;
/** More than the catalog could ever name; a hostile file may claim any number. */
const MOST_COLUMNS = 1_000;

interface Waiting {
  readonly draft: ModelDraft;
  readonly admitted: AdmittedFile;
}

/** Files that were let in as far as their bytes go, and wait for the rest of their manifest. A restart forgets them. */
export class ModelDrafts {
  readonly #clock: Clock;
  readonly #features: FeatureNames;
  readonly #waiting = new Map<string, Waiting>();

  constructor(clock: Clock, features: FeatureNames) {
    this.#clock = clock;
    this.#features = features;
  }

  /**
   * Keeps a file for an hour.
   * @param value what there is of its manifest
   * @param taken versions of the same name that exist
   */
  async add(
    admitted: AdmittedFile,
    value: unknown,
    problems: readonly ManifestProblem[],
    takenVersions: (name: string) => Promise<readonly string[]>,
  ): Promise<ModelDraft> {
    await this.discardExpired();
    const oldest = [...this.#waiting.keys()][0];
    if (this.#waiting.size >= MOST_DRAFTS && oldest !== undefined) await this.discard(oldest);
    const said = (value ?? {}) as Record<string, unknown>;
    const named = withSuggestions(said, admitted.says, []);
    const taken = await takenVersions(String(named.name));
    const draft: ModelDraft = {
      id: newId('draft'),
      fileName: admitted.fileName,
      format: admitted.format,
      madeWith: admitted.madeWith,
      bytes: admitted.original.bytes,
      expiresAt: this.#clock.now() + KEPT_MS,
      columns: this.#columnsOf(admitted, said),
      outputs: admitted.facts.outputs.map(output => output.name),
      answers: answerNames(admitted.facts.outputs) ?? [],
      suggestion: withSuggestions(said, admitted.says, taken),
      problems: problems.map(({ field, message }) => ({ field, message })),
      warnings: [...admitted.warnings],
    };
    this.#waiting.set(draft.id, { draft, admitted });
    return draft;
  }

  /** What waits, oldest first. */
  async list(): Promise<ModelDraft[]> {
    await this.discardExpired();
    return [...this.#waiting.values()].map(({ draft }) => draft);
  }

  /** The file of a draft. @throws AppError `resource.not-found` when it has expired or was used. */
  async file(id: string): Promise<AdmittedFile> {
    await this.discardExpired();
    const waiting = this.#waiting.get(id);
    if (waiting) return waiting.admitted;
    throw new AppError('resource.not-found', `There is no upload "${id}" that waits for its manifest.`, {
      hint: 'It was taken in or discarded, or an hour has passed; upload the file again.',
    });
  }

  /** A draft that became a version: its files have moved. */
  forget(id: string): void {
    this.#waiting.delete(id);
  }

  async discard(id: string): Promise<void> {
    const { admitted } = this.#waiting.get(id) ?? {};
    this.#waiting.delete(id);
    await admitted?.discard();
  }

  async discardExpired(): Promise<void> {
    const nowMs = this.#clock.now();
    for (const [id, { draft }] of this.#waiting) if (draft.expiresAt <= nowMs) await this.discard(id);
  }

  async discardAll(): Promise<void> {
    for (const id of [...this.#waiting.keys()]) await this.discard(id);
  }

  #columnsOf({ facts, says }: AdmittedFile, said: Readonly<Record<string, unknown>>): ModelDraft['columns'] {
    const given = Array.isArray(said.features)
      ? said.features.map(feature => String((feature as { name?: unknown } | null)?.name ?? ''))
      : [];
    const names = given.length > 0 ? given : says.columns;
    const count = facts.inputs[0]?.dims[1] ?? names.length;
    return Array.from({ length: Math.min(MOST_COLUMNS, Math.max(0, count)) }, (_, index) => {
      const name = names[index] ?? '';
      const isKnown = this.#features.known(name);
      const nearMatches = isKnown || name === '' ? [] : this.#features.nearMatches(name);
      return { name, isKnown, nearMatches };
    });
  }
}
