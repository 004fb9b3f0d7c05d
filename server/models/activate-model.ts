import type { Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { championsOf } from './activation-ledger.ts';
import { type ActivationParts, demandReady } from './activation-parts.ts';
import type { LedgerEntry } from './activation-store.ts';
import { endingOf } from './experiment-ending.ts';
import type { ModelState, ModelTask } from './model-tables.ts';

/** Who does it by itself. */
const ENGINE = 'engine';

/**
 * Makes a model champion of its task: verified, loaded, golden rows checked and so warmed up, then swapped in with one
 * entry of the ledger. Whatever fails before that entry leaves the old champion serving. An experiment of the task ends.
 * @throws AppError `model.not-ready` while its gap is open, `model.faulty` when it does not run
 */
export async function activateModel(parts: ActivationParts, id: string, actor: string): Promise<Model> {
  await parts.refresh();
  const model = await parts.get(id);
  if (model.aliases.includes('champion')) return model;
  demandReady(model);
  await parts.sessions.open(id);
  return swap(parts, model, { kind: 'activated', actor, reason: null });
}

/**
 * Makes the champion before the present one champion again, after the same checks.
 * @throws AppError `resource.conflict` when there was none before
 */
export async function rollbackModel(parts: ActivationParts, task: ModelTask, actor: string): Promise<Model> {
  const previous = championsOf(task, await parts.activations.ledger()).at(-2);
  if (previous === undefined) {
    throw new AppError('resource.conflict', `There is no earlier champion for ${task} to go back to.`, {
      hint: 'Activate another model instead.',
    });
  }
  const model = await parts.get(previous);
  await parts.sessions.open(previous);
  return swap(parts, model, { kind: 'rolled-back', actor, reason: null });
}

/**
 * Takes a champion out of service by itself: the newest earlier champion that still loads and answers its golden rows
 * serves again; where none does, persistence serves. Does nothing when the model is no champion any more.
 * @param reason a sentence for the ledger
 * @param state what becomes of the model
 */
export async function fallBack(
  parts: ActivationParts,
  failed: Model,
  reason: string,
  state: Extract<ModelState, 'retired' | 'faulty'>,
): Promise<void> {
  const { task } = failed.manifest;
  const champions = championsOf(task, await parts.activations.ledger());
  if (champions.at(-1) !== failed.id) return;
  for (const id of champions.toReversed()) {
    if (id === failed.id) continue;
    try {
      await parts.sessions.open(id);
    } catch (error) {
      parts.log.warn({ err: error, model: id }, 'an earlier champion does not run; the one before is tried');
      continue;
    }
    await swap(parts, await parts.get(id), { kind: 'rolled-back', actor: ENGINE, reason }, state);
    return;
  }
  const at = parts.clock.now();
  const ending = endingOf(await parts.activations.ledger(), task, at, {
    outcome: 'champion-changed',
    endedBy: ENGINE,
    endReason: reason,
  });
  // Those that do not run any more go with it: a later rollback must not lead to them.
  const retired = [...new Set(champions)].map(modelId => ({
    at,
    task,
    modelId,
    alias: 'champion' as const,
    kind: 'retired' as const,
    actor: ENGINE,
    reason,
  }));
  await parts.activations.append([...ending.entries, ...retired], {
    ...ending.effects,
    states: [{ id: failed.id, state }],
  });
  await parts.publish(failed.id);
  await parts.publishExperiments();
}

async function swap(
  parts: ActivationParts,
  model: Model,
  how: Pick<LedgerEntry, 'kind' | 'actor' | 'reason'>,
  stateOfOld: Extract<ModelState, 'retired' | 'faulty'> = 'retired',
): Promise<Model> {
  const { activations, clock, publish } = parts;
  const { task } = model.manifest;
  const ledger = await activations.ledger();
  const old = championsOf(task, ledger).at(-1);
  const at = clock.now();
  const ending = endingOf(ledger, task, at, {
    outcome: 'champion-changed',
    endedBy: how.actor,
    endReason: how.reason,
    promotedId: model.id,
  });
  const retired = old === undefined || old === model.id ? [] : [{ id: old, state: stateOfOld }];
  await activations.append(
    [...ending.entries, { at, task, modelId: model.id, alias: 'champion' as const, ...how }],
    { ...ending.effects, states: [{ id: model.id, state: 'active' as const }, ...retired] },
  );
  for (const { id } of retired) await publish(id);
  await parts.publishExperiments();
  return publish(model.id);
}
