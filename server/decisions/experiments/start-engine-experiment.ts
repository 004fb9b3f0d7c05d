import type { EngineExperiment, EngineExperimentOrder } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { newId, newSecret } from '../../platform/index.ts';
import type { EngineExperimentParts } from './experiment-parts.ts';

/**
 * An experiment as it starts now. Nothing is stored.
 * @throws AppError `resource.not-found`, `engine.faulty` or `input.invalid` for an engine or parameter; `resource.conflict` when both are
 * the same engine, or no cluster uses the champion
 */
export async function freshExperiment(
  { engines, clusters, clock }: Pick<EngineExperimentParts, 'engines' | 'clusters' | 'clock'>,
  order: EngineExperimentOrder,
  actor: string,
): Promise<EngineExperiment> {
  const { championId, challengerId, mode, challengerShare, alpha, guardrails } = order;
  const challengerParameters = await engines.parametersFor(challengerId, order.challengerParameters);
  await engines.parametersFor(championId, {});
  const names = new Map(
    (await engines.list()).map(({ id, name, manifest }) => [
      id,
      manifest ? `${name} ${manifest.version}` : name,
    ]),
  );
  const nameOf = (id: string) => names.get(id) ?? id;
  if (championId === challengerId) {
    throw new AppError('resource.conflict', `"${nameOf(championId)}" is the champion itself.`, {
      hint: 'Choose another engine as challenger.',
    });
  }
  const uses = await Promise.all(clusters.summaries().map(({ id }) => engines.usedBy(id)));
  if (uses.every(({ engineId }) => engineId !== championId)) {
    throw new AppError('resource.conflict', `No cluster uses engine "${nameOf(championId)}".`, {
      hint: 'The champion is the engine that clusters use now; its clusters take part.',
    });
  }
  const id = newId('experiment');
  return {
    id,
    championId,
    challengerId,
    championName: nameOf(championId),
    challengerName: nameOf(challengerId),
    challengerParameters,
    rule: {
      experimentId: id,
      mode,
      unit: 'cluster',
      challengerShare: mode === 'shadow' ? 0 : challengerShare,
      salt: newSecret(),
    },
    alpha,
    guardrails,
    startedAt: clock.now(),
    startedBy: actor,
    endedAt: null,
    endedBy: null,
    outcome: 'running',
    endReason: null,
  };
}
