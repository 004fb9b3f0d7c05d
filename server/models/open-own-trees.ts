import type { ModelManifest } from '../../common/contracts/index.ts';
import { goldenTable } from './golden-rows.ts';
import type { InferenceChild } from './start-inference-child.ts';
import { OwnTrees } from './trees/index.ts';

/**
 * Trees that this process can walk instead of a child that has loaded them.
 * @param plan what the child told of them, if anything
 * @returns `undefined` when there are none, or when they do not say of the golden rows what the child says
 */
export async function openOwnTrees(
  child: InferenceChild,
  manifest: ModelManifest,
  plan: unknown,
): Promise<OwnTrees | undefined> {
  if (plan === undefined) return undefined;
  const columns = manifest.features.length;
  const rows = goldenTable(manifest) ?? new Float64Array(columns);
  const ran = await child.run(rows, columns);
  return ran.kind === 'answer' ? OwnTrees.open(plan, columns, { rows, outputs: ran.value }) : undefined;
}
