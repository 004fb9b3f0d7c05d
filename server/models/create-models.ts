import type { ActiveModel, Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY } from '../../common/units/index.ts';
import { activateModel, fallBack, rollbackModel } from './activate-model.ts';
import { activeAt, championsOf, runningExperiment } from './activation-ledger.ts';
import type { ActivationParts } from './activation-parts.ts';
import { ActivationStore, type LedgerEntry } from './activation-store.ts';
import { createIntake } from './create-intake.ts';
import { ModelFiles } from './model-files.ts';
import { ModelStore, type StoredModel } from './model-store.ts';
import type { ModelParts, Models } from './models.ts';
import { OpenSessions } from './open-sessions.ts';
import { refreshCoverage } from './refresh-coverage.ts';
import { endExperiment, startExperiment } from './run-experiment.ts';
import type { ChildSettings } from './start-inference-child.ts';

/** Opens the room; nothing runs before `start`. */
export async function createModels(parts: ModelParts): Promise<Models> {
  const { database, live, clock, log, features } = parts;
  const store = new ModelStore(database);
  const activations = new ActivationStore(database);
  const files = new ModelFiles(parts.folder, parts.limits);
  const children: ChildSettings = { ...parts.children, nodePath: parts.nodePath };
  const listeners = {
    activated: new Set<Listener>(),
    registered: new Set<Listener>(),
    deleted: new Set<(id: string) => void>(),
  };

  const list = async () => {
    const ledger = await activations.ledger();
    return (await store.all()).map(model => shown(model, ledger, clock.now()));
  };
  const get = async (id: string) => {
    const stored = await store.get(id);
    if (!stored) throw new AppError('resource.not-found', `There is no model "${id}".`);
    return shown(stored, await activations.ledger(), clock.now());
  };
  const publish = async (id: string) => {
    const model = await get(id);
    live.publish('models', id, model);
    return model;
  };
  const publishExperiments = async () => {
    for (const experiment of await activations.experiments())
      live.publish('experiments', experiment.id, experiment);
  };
  const sessions = new OpenSessions({
    get,
    files,
    children,
    log,
    onFaulty: async (model, reason) => {
      await store.update(model.id, { state: 'faulty', reasons: [reason] });
      const sentence = `"${model.manifest.name}" failed three times in a row: ${reason}`;
      if (model.aliases.includes('champion')) await fallBack(activation, model, sentence, 'faulty');
      const experiment = (await activations.experiments()).find(({ endedAt }) => endedAt === null);
      if (experiment?.challengerId === model.id)
        await endExperiment(activation, experiment.id, {
          outcome: 'guardrail',
          endedBy: 'engine',
          endReason: sentence,
        });
      await publish(model.id);
    },
  });
  const refresh = async (): Promise<void> => {
    const changed = await refreshCoverage({ store, features, clock, coveredShare: parts.coveredShare });
    for (const id of changed) await publish(id);
  };
  const activation: ActivationParts = {
    activations,
    sessions,
    clock,
    log,
    get,
    publish,
    publishExperiments,
    refresh,
  };
  const intake = createIntake({ store, files, features, children, clock, log });
  const takenIn = async (stored: StoredModel) => {
    await refresh();
    const model = await publish(stored.id);
    for (const listener of listeners.registered) listener(model);
    return model;
  };
  const activated = async (model: Model) => {
    for (const listener of listeners.activated) listener(model);
    return model;
  };
  live.define('models', async () => (await list()).map(model => ({ key: model.id, value: model })));
  live.define('experiments', async () =>
    (await activations.experiments()).map(experiment => ({ key: experiment.id, value: experiment })),
  );

  return {
    list,
    get,
    activationsOf: async id =>
      (await activations.ledger())
        .filter(entry => entry.modelId === id)
        .map(({ task: _, ...entry }) => entry),
    register: async (source, fileName, manifestText) =>
      takenIn(await intake.register(source, fileName, manifestText)),
    registerDraft: async (id, manifest) => takenIn(await intake.registerDraft(id, manifest)),
    drafts: () => intake.drafts(),
    discardDraft: id => intake.discardDraft(id),
    annotate: async (id, change) => {
      await get(id);
      await store.update(id, change);
      return publish(id);
    },
    delete: async id => {
      const model = await get(id);
      await sessions.close(id);
      if (!(await store.deleteUnreferenced(id))) throw stillNamed(model);
      await removeUnused(files, await store.all(), model);
      live.publish('models', id, null);
      for (const listener of listeners.deleted) listener(id);
    },
    readFile: async (id, kind, fromByte) => {
      const model = await get(id);
      const sha256 = kind === 'onnx' ? model.sha256 : model.original.sha256;
      return { model, ...(await files.read(sha256, fromByte)) };
    },
    activate: async (id, actor) => activated(await activateModel(activation, id, actor)),
    rollback: async (task, actor) => activated(await rollbackModel(activation, task, actor)),
    breachGate: async (id, reason) => fallBack(activation, await get(id), reason, 'retired'),
    champion: async task => {
      const id = championsOf(task, await activations.ledger()).at(-1);
      return id === undefined ? undefined : get(id);
    },
    activeFor: async (task, subject, atMs): Promise<ActiveModel> =>
      activeAt(task, await activations.ledger(), subject, atMs ?? clock.now()),
    activeForEach: async (task, subjects): Promise<ActiveModel[]> => {
      const ledger = await activations.ledger();
      return subjects.map(subject => activeAt(task, ledger, subject, clock.now()));
    },
    experiments: () => activations.experiments(),
    startExperiment: (order, actor) => startExperiment(activation, order, actor),
    endExperiment: (id, how) => endExperiment(activation, id, how),
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
    onActivated: listener => void listeners.activated.add(listener),
    onRegistered: listener => void listeners.registered.add(listener),
    onDeleted: listener => void listeners.deleted.add(listener),
    start: async () => {
      const named = (await store.all()).flatMap(({ sha256, original }) => [sha256, original.sha256]);
      await files.prepare(new Set(named));
      await refresh();
    },
    stop: async () => {
      await intake.stop();
      await sessions.closeAll();
    },
  };
}

type Listener = (model: Model) => void;

function shown(model: StoredModel, ledger: readonly LedgerEntry[], nowMs: number): Model {
  const { task } = model.manifest;
  const isChampion = championsOf(task, ledger).at(-1) === model.id;
  const isChallenger = runningExperiment(task, ledger)?.challengerId === model.id;
  return {
    ...model,
    aliases: [
      ...(isChampion ? (['champion'] as const) : []),
      ...(isChallenger ? (['challenger'] as const) : []),
    ],
    gapDays: Math.max(0, (nowMs - model.trainedUntilMs) / MS_PER_DAY),
    verdict: model.state === 'rejected' || model.state === 'faulty' ? 'rejected' : 'accepted',
  };
}

function stillNamed({ manifest }: Model): AppError {
  return new AppError(
    'resource.conflict',
    `"${manifest.name}" ${manifest.version} cannot be removed: the ledger or an experiment names it, and both must stay readable.`,
    { hint: 'Versions that never served can be removed; this one stays as retired.' },
  );
}

/** Files go once no version needs them. */
async function removeUnused(files: ModelFiles, left: readonly StoredModel[], gone: Model): Promise<void> {
  const needed = new Set(left.flatMap(({ sha256, original }) => [sha256, original.sha256]));
  for (const sha256 of new Set([gone.sha256, gone.original.sha256]))
    if (!needed.has(sha256)) await files.remove(sha256);
}
