import type { Readable } from 'node:stream';
import type { ActivationEntry, MarketScope, Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import type { Clock, Database, LiveHub, Logger } from '../platform/index.ts';
import { activateModel, rollbackModel } from './activate-model.ts';
import { championsOf } from './activation-ledger.ts';
import type { FeatureNames } from './manifest.ts';
import { ModelFiles } from './model-files.ts';
import type { ModelSession } from './model-session.ts';
import { ModelStore, type ModelTask, type StoredModel } from './model-store.ts';
import { OpenSessions } from './open-sessions.ts';
import { refreshCoverage } from './refresh-coverage.ts';
import { registerModel } from './register-model.ts';
import type { ChildSettings } from './start-inference-child.ts';

/** What a model needs from the market to predict for today. */
export interface ModelNeed {
  readonly scope: MarketScope;
  readonly trainedUntilMs: number;
  readonly lookbackMs: number;
}

/** The room of models. */
export interface Models {
  /** Newest first. */
  list(): Promise<Model[]>;
  /** @throws AppError `resource.not-found`. */
  get(id: string): Promise<Model>;
  /** Entries of the activation ledger about a model, oldest first. */
  activationsOf(id: string): Promise<ActivationEntry[]>;
  /**
   * Takes a model into the registry; see `registerModel` for what it may throw.
   * @param source a stream, or the path of a file
   * @param manifestText manifest from beside the file, or how to get it once the file has been read
   */
  register(
    source: Readable | string,
    fileName: string,
    manifestText?: string | (() => Promise<string | undefined>),
  ): Promise<Model>;
  /** Makes a model the champion of its task. @throws AppError `model.not-ready` or `model.faulty`; the old one serves on. */
  activate(id: string, actor: string): Promise<Model>;
  /** Makes the champion before the present one champion again. @throws AppError `resource.conflict` when there is none. */
  rollback(task: ModelTask, actor: string): Promise<Model>;
  champion(task: ModelTask): Promise<Model | undefined>;
  /** The model's one process, started and checked when it does not run yet. */
  openSession(modelId: string): Promise<ModelSession>;
  need(modelId: string): Promise<ModelNeed | undefined>;
  /** Looks again how much of what today's features need is on disk; models become ready or not by it. */
  refreshCoverage(): Promise<void>;
  /** Hears of each model that became champion. */
  onActivated(listener: (model: Model) => void): void;
  /** Hears of each model that was taken in. */
  onRegistered(listener: (model: Model) => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ModelParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the files are kept. */
  readonly folder: string;
  /** Part of `[fromMs, toMs)` that is on disk for a scope. */
  readonly coveredShare: (scope: MarketScope, fromMs: number, toMs: number) => Promise<number>;
  readonly features: FeatureNames;
  /** The Node program for child processes. */
  readonly nodePath: string;
  /** Other limits of children than the usual ones. */
  readonly children?: Omit<ChildSettings, 'nodePath'>;
}

/** Opens the room; nothing runs before `start`. */
export async function createModels(parts: ModelParts): Promise<Models> {
  const { database, live, clock, log, features } = parts;
  const store = new ModelStore(database);
  const files = new ModelFiles(parts.folder);
  const children: ChildSettings = { ...parts.children, nodePath: parts.nodePath };
  const activated = new Set<(model: Model) => void>();
  const registered = new Set<(model: Model) => void>();

  const list = async () => {
    const ledger = await store.ledger();
    return (await store.all()).map(model => shown(model, ledger, clock.now()));
  };
  const get = async (id: string) => {
    const stored = await store.get(id);
    if (!stored) throw new AppError('resource.not-found', `There is no model "${id}".`);
    return shown(stored, await store.ledger(), clock.now());
  };
  const publish = async (id: string) => {
    const model = await get(id);
    live.publish('models', id, model);
    return model;
  };
  const sessions = new OpenSessions({
    get,
    files,
    children,
    log,
    onFaulty: async (model, reason) => {
      await store.update(model.id, { state: 'faulty', reasons: [reason] }, []);
      if (model.aliases.includes('champion')) {
        const entry = {
          at: clock.now(),
          task: model.manifest.task,
          modelId: model.id,
          alias: 'champion' as const,
        };
        await store.appendToLedger({ ...entry, kind: 'retired', actor: 'engine' }, []);
      }
      await publish(model.id);
    },
  });
  const refresh = async (): Promise<void> => {
    const changed = await refreshCoverage({ store, features, clock, coveredShare: parts.coveredShare });
    for (const id of changed) await publish(id);
  };
  const activation = { store, sessions, clock, get, publish, refresh };
  live.define('models', async () => (await list()).map(model => ({ key: model.id, value: model })));

  return {
    list,
    get,
    activationsOf: async id =>
      (await store.ledger()).filter(entry => entry.modelId === id).map(({ task: _, ...entry }) => entry),
    register: async (source, fileName, manifestText) => {
      const file = await files.receive(source);
      const text = await textOf(manifestText).catch(async (error: unknown) => {
        await file.discard();
        throw error;
      });
      const stored = await registerModel(
        { store, files, features, children, clock, log },
        file,
        fileName,
        text,
      );
      await refresh();
      const model = await publish(stored.id);
      for (const listener of registered) listener(model);
      return model;
    },
    activate: async (id, actor) => {
      const model = await activateModel(activation, id, actor);
      for (const listener of activated) listener(model);
      return model;
    },
    rollback: async (task, actor) => {
      const model = await rollbackModel(activation, task, actor);
      for (const listener of activated) listener(model);
      return model;
    },
    champion: async task => {
      const id = championsOf(task, await store.ledger()).at(-1);
      return id === undefined ? undefined : get(id);
    },
    openSession: id => sessions.open(id),
    need: async id => {
      const model = await store.get(id);
      if (!model) return undefined;
      const names = model.manifest.features.map(feature => feature.name);
      return {
        scope: model.manifest.scope,
        trainedUntilMs: model.trainedUntilMs,
        lookbackMs: features.lookbackMs(names),
      };
    },
    refreshCoverage: refresh,
    onActivated: listener => void activated.add(listener),
    onRegistered: listener => void registered.add(listener),
    start: async () => {
      await files.prepare();
      await refresh();
    },
    stop: () => sessions.closeAll(),
  };
}

function shown(model: StoredModel, ledger: Parameters<typeof championsOf>[1], nowMs: number): Model {
  const isChampion = championsOf(model.manifest.task, ledger).at(-1) === model.id;
  return {
    ...model,
    aliases: isChampion ? ['champion'] : [],
    gapDays: Math.max(0, (nowMs - model.trainedUntilMs) / MS_PER_DAY),
    verdict: model.state === 'rejected' || model.state === 'faulty' ? 'rejected' : 'accepted',
  };
}

async function textOf(
  manifest: string | (() => Promise<string | undefined>) | undefined,
): Promise<string | undefined> {
  return typeof manifest === 'function' ? manifest() : manifest;
}
