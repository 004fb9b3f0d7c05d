import type { Engine, EngineChoice } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clock, Database, LiveHub, Logger } from '../../platform/index.ts';
import type { RunnableEngine } from '../engines/engine.ts';
import type { PlugInSettings } from './ask-plug-in.ts';
import { parameterValues } from './check-parameters.ts';
import { EngineFiles } from './engine-files.ts';
import { engineInput } from './engine-input.ts';
import { EngineStore, type InSameCommit, type StoredEngine } from './engine-store.ts';
import { judgeAnswer } from './judge-answer.ts';
import { type EngineUpload, registerEngine } from './register-engine.ts';
import { runPlugIn } from './run-plug-in.ts';

/** What the registry is made from. */
export interface EngineRegistryParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where modules are kept. */
  readonly folder: string;
  readonly settings: PlugInSettings;
  /** The first one is that of clusters without a choice. */
  readonly builtIn: readonly [RunnableEngine, ...RunnableEngine[]];
  /** Whether plans of this engine are open: it may not be deleted then. */
  readonly hasOpenPlans: (engine: StoredEngine) => Promise<boolean>;
}

type Parameters = EngineChoice['parameters'];

/** An engine with the values of its parameters. */
export type EngineUse = Pick<EngineChoice, 'engineId' | 'parameters'>;

/** This many runs in a row that broke a cap, and an engine is not asked any more. */
const MOST_FAULTS = 3;

/** Built-in and uploaded engines, and which cluster uses which. */
export class EngineRegistry {
  readonly #parts: EngineRegistryParts;
  readonly #store: EngineStore;
  readonly #files: EngineFiles;
  /** Uploads and runs of plug-ins, one after the other: each may take a processor and memory for a while. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: EngineRegistryParts) {
    this.#parts = parts;
    this.#store = new EngineStore(parts.database);
    this.#files = new EngineFiles(parts.folder);
    parts.live.define('engines', async () => [
      ...(await this.list()).map(engine => ({ key: `engine/${engine.id}`, value: engine })),
      ...(await this.choices()).map(choice => ({ key: `choice/${choice.clusterId}`, value: choice })),
    ]);
  }

  /** Throws away files that no engine names. */
  async start(): Promise<void> {
    await this.#files.prepare(new Set((await this.#store.all()).map(({ file }) => file.sha256)));
  }

  /** Built-in ones first, then uploaded ones, newest first. */
  async list(): Promise<Engine[]> {
    const builtIn = this.#parts.builtIn.map(
      ({ name }): Engine => ({
        id: name,
        name,
        builtIn: true,
        state: 'ready',
        faultyReason: null,
        manifest: null,
        file: null,
      }),
    );
    return [...builtIn, ...(await this.#store.all()).map(shown)];
  }

  choices(): Promise<EngineChoice[]> {
    return this.#store.choices();
  }

  /** @throws AppError as `registerEngine` does */
  async upload(upload: EngineUpload): Promise<Engine> {
    const { clock, log, settings } = this.#parts;
    const inTurn = <T>(work: () => Promise<T>) => this.#inTurn(work);
    const parts = { store: this.#store, files: this.#files, settings, clock, log, inTurn };
    return this.#publish(await registerEngine(parts, upload));
  }

  /** A kept module, for download. @throws AppError `resource.not-found` or `storage.damaged` */
  async readFile(id: string): Promise<{ readonly engine: Engine; readonly content: Buffer }> {
    const stored = await this.#get(id);
    return { engine: shown(stored), content: await this.#files.read(stored.file.sha256) };
  }

  /** @throws AppError `resource.not-found`; `resource.conflict` while a cluster or an experiment uses it or plans of it are open */
  async delete(id: string): Promise<void> {
    const stored = await this.#get(id);
    const { name, version } = stored.manifest;
    if (await this.#parts.hasOpenPlans(stored)) {
      throw new AppError('resource.conflict', `Plans of engine ${name} ${version} are open.`, {
        hint: 'Reject them, or wait until they are done.',
      });
    }
    if (!(await this.#store.deleteUnused(id))) {
      const isChosen = (await this.choices()).some(({ engineId }) => engineId === id);
      throw new AppError(
        'resource.conflict',
        `${isChosen ? 'A cluster' : 'A running experiment'} uses engine ${name} ${version}.`,
        {
          hint: isChosen
            ? 'Choose another engine for the cluster first.'
            : 'Stop the experiment on the Engines page first.',
        },
      );
    }
    const { sha256 } = stored.file;
    if ((await this.#store.all()).every(({ file }) => file.sha256 !== sha256))
      await this.#files.remove(sha256);
    this.#parts.live.publish('engines', `engine/${id}`, null);
  }

  /**
   * Sets the engine of a cluster, from its next run on. The caller has checked the cluster.
   * @throws AppError `resource.not-found`, `engine.faulty`, `input.invalid` for a parameter
   */
  async choose(
    clusterId: string,
    engineId: string,
    given: Parameters,
    changedBy: string,
  ): Promise<EngineChoice> {
    const parameters = await this.parametersFor(engineId, given);
    const choice = { clusterId, engineId, parameters, changedAt: this.#parts.clock.now(), changedBy };
    await this.chooseAll([choice]);
    return choice;
  }

  /** Sets the engines of clusters; all of them and what belongs to that, or nothing. */
  async chooseAll(choices: readonly EngineChoice[], alongside?: InSameCommit): Promise<void> {
    await this.#store.choose(choices, alongside);
    for (const choice of choices) this.#parts.live.publish('engines', `choice/${choice.clusterId}`, choice);
  }

  /**
   * The values of all parameters of an engine that can be asked.
   * @throws AppError `resource.not-found`, `engine.faulty`, `input.invalid`
   */
  async parametersFor(engineId: string, given: Parameters): Promise<Parameters> {
    return this.#builtIn(engineId) ? {} : valuesFor(await this.#get(engineId), given);
  }

  /** The engine of a cluster with its parameters. */
  async usedBy(clusterId: string): Promise<EngineUse> {
    const choice = (await this.choices()).find(one => one.clusterId === clusterId);
    return choice ?? { engineId: this.#parts.builtIn[0].name, parameters: {} };
  }

  /** An engine that can be asked. @throws AppError `resource.not-found` */
  async engineFor({ engineId, parameters }: EngineUse): Promise<RunnableEngine> {
    return this.#builtIn(engineId) ?? this.#runnable(await this.#get(engineId), parameters);
  }

  #builtIn(id: string): RunnableEngine | undefined {
    return this.#parts.builtIn.find(({ name }) => name === id);
  }

  /**
   * An engine by its name, in its newest version that is ready, or by `name@version`.
   * @param given values of its parameters; the defaults for those left out
   * @throws AppError `resource.not-found`, `engine.faulty`, `input.invalid`
   */
  async find(reference: string, given: Parameters = {}): Promise<RunnableEngine> {
    const builtIn = this.#builtIn(reference);
    if (builtIn) return builtIn;
    const [name, version] = reference.split('@');
    const all = (await this.#store.all()).filter(({ manifest }) => manifest.name === name);
    const found =
      version === undefined
        ? (all.find(({ state }) => state === 'ready') ?? all[0])
        : all.find(({ manifest }) => manifest.version === version);
    if (found) return this.#runnable(found, valuesFor(found, given));
    const known = [...new Set((await this.list()).map(engine => engine.name))].join(', ');
    throw new AppError('resource.not-found', `There is no engine "${reference}".`, {
      hint: `Engines are: ${known}.`,
    });
  }

  #runnable(stored: StoredEngine, parameters: Parameters): RunnableEngine {
    const { id, manifest, file } = stored;
    const { log, settings } = this.#parts;
    return {
      name: manifest.name,
      plugIn: { version: manifest.version, sha256: file.sha256 },
      decide: (state, forecasts, policy) =>
        this.#inTurn(async () => {
          ready(await this.#get(id));
          const module = { kind: file.kind, bytes: await this.#files.read(file.sha256) };
          const input = engineInput(state, forecasts, policy, parameters);
          const run = await runPlugIn(module, input, settings, log);
          await this.#note(stored, run.ok ? null : run);
          if (!run.ok) {
            const { name, version } = manifest;
            const message = `Engine ${name} ${version} gave no answer: ${run.reason}.`;
            throw new AppError('engine.faulty', message, { details: { isOverrun: run.isOverrun } });
          }
          return judgeAnswer(manifest.name, run.answer, state, forecasts, policy);
        }),
    };
  }

  async #note(
    stored: StoredEngine,
    failure: { readonly reason: string; readonly isFault: boolean } | null,
  ): Promise<void> {
    // An engine that says no in good order is no danger: it is asked again.
    if (failure && !failure.isFault) return;
    const faults = await this.#store.noteRun(stored.id, failure !== null);
    if (!failure || faults < MOST_FAULTS) return;
    const reason = `It failed ${MOST_FAULTS} times in a row; the last time ${failure.reason}.`;
    await this.#store.setState(stored.id, 'faulty', reason);
    await this.#publish({ ...stored, state: 'faulty', faultyReason: reason });
    const { name, version } = stored.manifest;
    this.#parts.log.warn({ engine: `${name}@${version}`, reason }, 'an engine is not asked any more');
  }

  async #get(id: string): Promise<StoredEngine> {
    const stored = (await this.#store.all()).find(one => one.id === id);
    if (!stored) throw new AppError('resource.not-found', `There is no engine "${id}".`);
    return stored;
  }

  async #publish(stored: StoredEngine): Promise<Engine> {
    const engine = shown(stored);
    this.#parts.live.publish('engines', `engine/${engine.id}`, engine);
    return engine;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** Values that an engine may be run with. */
function valuesFor(stored: StoredEngine, given: Parameters): Parameters {
  ready(stored);
  return parameterValues(stored.manifest, given);
}

function ready({ manifest: { name, version }, state, faultyReason }: StoredEngine): void {
  if (state === 'ready') return;
  throw new AppError('engine.faulty', `Engine ${name} ${version} is faulty. ${faultyReason ?? ''}`.trim());
}

function shown({ id, manifest: { name, ...manifest }, file, state, faultyReason }: StoredEngine): Engine {
  return { id, name, builtIn: false, state, faultyReason, manifest, file };
}
