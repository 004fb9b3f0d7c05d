import type { Experiment, ExperimentOrder, Model } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { newId, newSecret } from '../platform/index.ts';
import { championsOf, runningExperiment } from './activation-ledger.ts';
import { type ActivationParts, demandReady } from './activation-parts.ts';
import { endingOf } from './experiment-ending.ts';

/**
 * Starts to compare a challenger with the champion of its task, on what happens from now on.
 * @throws AppError `input.invalid` for a model that predicts no prices, `resource.conflict` when there is no champion, it is the champion itself, or one runs already;
 * `model.not-ready` or `model.faulty` when the challenger cannot serve
 */
export async function startExperiment(
  parts: ActivationParts,
  order: ExperimentOrder,
  actor: string,
): Promise<Experiment> {
  await parts.refresh();
  const challenger = await parts.get(order.challengerId);
  const { task } = challenger.manifest;
  if (task !== 'spot-price') {
    throw new AppError(
      'input.invalid',
      `"${nameOf(challenger)}" is a model for ${task}; experiments compare price forecasts, block by block.`,
      {
        hint: 'Compare versions for interruption by their Brier scores on the Forecasts page; activate the better one.',
      },
    );
  }
  const ledger = await parts.activations.ledger();
  const champion = championsOf(task, ledger).at(-1);
  if (champion === undefined) {
    throw new AppError('resource.conflict', `There is no champion for ${task} to compare with.`, {
      hint: 'Activate a model first; the experiment then compares another one with it.',
    });
  }
  if (champion === challenger.id) {
    throw new AppError('resource.conflict', `"${nameOf(challenger)}" is the champion itself.`, {
      hint: 'Choose another version as challenger.',
    });
  }
  if (runningExperiment(task, ledger)) {
    throw new AppError('resource.conflict', `An experiment for ${task} runs already.`, {
      hint: 'Stop it, or wait for its result; one experiment of a task runs at a time.',
    });
  }
  demandReady(challenger);
  await parts.sessions.open(challenger.id);
  const at = parts.clock.now();
  const id = newId('experiment');
  const experiment: Experiment = {
    id,
    task,
    championId: champion,
    challengerId: challenger.id,
    rule: {
      experimentId: id,
      mode: order.mode,
      unit: order.unit,
      challengerShare: order.mode === 'shadow' ? 0 : order.challengerShare,
      salt: newSecret(),
    },
    alpha: order.alpha,
    guardrails: order.guardrails,
    startedAt: at,
    startedBy: actor,
    endedAt: null,
    endedBy: null,
    outcome: 'running',
    endReason: null,
  };
  const entry = { at, task, modelId: challenger.id, alias: 'challenger' as const, actor };
  await parts.activations.append([{ ...entry, kind: 'experiment-started', rule: experiment.rule }], {
    starts: experiment,
  });
  await parts.publish(challenger.id);
  await parts.publishExperiments();
  return experiment;
}

/**
 * Ends an experiment; the champion serves everywhere again.
 * @throws AppError `resource.not-found`, or `resource.conflict` when it has ended already
 */
export async function endExperiment(
  parts: ActivationParts,
  id: string,
  how: Pick<Experiment, 'outcome' | 'endedBy' | 'endReason'>,
): Promise<Experiment> {
  const experiment = (await parts.activations.experiments()).find(known => known.id === id);
  if (!experiment) throw new AppError('resource.not-found', `There is no experiment "${id}".`);
  if (experiment.endedAt !== null) {
    throw new AppError('resource.conflict', `The experiment has ended already: ${experiment.outcome}.`);
  }
  const endedAt = parts.clock.now();
  const { entries, effects } = endingOf(await parts.activations.ledger(), experiment.task, endedAt, how);
  await parts.activations.append(entries, effects);
  await parts.publish(experiment.challengerId);
  await parts.publishExperiments();
  return { ...experiment, ...how, endedAt };
}

function nameOf({ manifest }: Model): string {
  return `${manifest.name} ${manifest.version}`;
}
