import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Clock } from '../platform/index.ts';
import { championsOf } from './activation-ledger.ts';
import type { ModelStore, ModelTask } from './model-store.ts';
import type { OpenSessions } from './open-sessions.ts';
import { READY_SHARE } from './refresh-coverage.ts';

/** What an activation needs. */
export interface ActivationParts {
  readonly store: ModelStore;
  readonly sessions: OpenSessions;
  readonly clock: Clock;
  readonly get: (id: string) => Promise<Model>;
  readonly publish: (id: string) => Promise<Model>;
  readonly refresh: () => Promise<void>;
}

/**
 * Makes a model champion of its task: verified, loaded, golden rows checked and so warmed up, then swapped in with one
 * entry of the ledger. Whatever fails before that entry leaves the old champion serving.
 * @throws AppError `model.not-ready` while its gap is open, `model.faulty` when it does not run
 */
export async function activateModel(parts: ActivationParts, id: string, actor: string): Promise<Model> {
  await parts.refresh();
  const model = await parts.get(id);
  if (model.aliases.includes('champion')) return model;
  if (model.coveredShare < READY_SHARE && model.state !== 'faulty') {
    const percent = Math.floor(model.coveredShare * 100);
    throw new AppError(
      'model.not-ready',
      `The gap of "${model.manifest.name}" is open: ${percent} % of the time that its features need is on disk.`,
    );
  }
  await parts.sessions.open(id);
  return swap(parts, model, 'activated', actor);
}

/**
 * Makes the champion before the present one champion again, after the same checks.
 * @throws AppError `resource.conflict` when there was none before
 */
export async function rollbackModel(parts: ActivationParts, task: ModelTask, actor: string): Promise<Model> {
  const previous = championsOf(task, await parts.store.ledger()).at(-2);
  if (previous === undefined) {
    throw new AppError('resource.conflict', `There is no earlier champion for ${task} to go back to.`, {
      hint: 'Activate another model instead.',
    });
  }
  const model = await parts.get(previous);
  await parts.sessions.open(previous);
  return swap(parts, model, 'rolled-back', actor);
}

async function swap(
  { store, clock, publish }: ActivationParts,
  model: Model,
  kind: 'activated' | 'rolled-back',
  actor: string,
): Promise<Model> {
  const { task } = model.manifest;
  const old = championsOf(task, await store.ledger()).at(-1);
  const states = [{ id: model.id, state: 'active' as const }];
  const retired = old === undefined || old === model.id ? [] : [{ id: old, state: 'retired' as const }];
  await store.appendToLedger({ at: clock.now(), task, modelId: model.id, alias: 'champion', kind, actor }, [
    ...states,
    ...retired,
  ]);
  for (const { id } of retired) await publish(id);
  return publish(model.id);
}
