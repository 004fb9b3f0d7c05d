import type { Plan } from '../../common/contracts/index.ts';

/**
 * Places in `add` of the nodes that each wave orders: those that pods of its nodes, which go or make room, go to, each once and not before it is needed. Nodes
 * that wait for no wave, such as those for pods that are pending already, come with the first.
 */
export function ordersByWave(
  { add, pods }: Pick<Plan, 'add' | 'pods'>,
  waves: readonly (readonly string[])[],
): number[][] {
  const waveOf = new Map(waves.flatMap((names, wave) => names.map(name => [name, wave] as const)));
  const firstNeed = new Map<string, number>();
  for (const { from, to } of pods) {
    const wave = from === null ? undefined : waveOf.get(from);
    if (to === null || wave === undefined) continue;
    firstNeed.set(to, Math.min(wave, firstNeed.get(to) ?? wave));
  }
  return waves.map((_, wave) =>
    add.flatMap(({ key }, place) => ((firstNeed.get(key) ?? 0) === wave ? [place] : [])),
  );
}
