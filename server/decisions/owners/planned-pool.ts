import { stringify } from 'yaml';
import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import type { OwnerChange } from '../../../common/contracts/index.ts';
import { exactRequirements } from './narrow-requirements.ts';
import type { OwnerInput } from './owner-input.ts';
import { checkPurchase } from './purchase-check.ts';

const MOST_WEIGHT = 100;
/** Kubernetes takes names of at most 253 characters, and Karpenter makes a label of them: 63. */
const MOST_NAME = 63;
const SUFFIX = '-planned';

/**
 * A NodePool of its own for the nodes of a plan, for where the pools that are there hold other nodes, whose types would have to stay admitted:
 * like `base` but for its requirements, which name what the plan wants and nothing else, and tried before all others. `undefined` where the node
 * class of `base` is not told, without which there is no NodePool.
 */
export function plannedPool(base: InventoryNodePool, input: OwnerInput): OwnerChange | undefined {
  const { nodeClass } = base;
  if (nodeClass === undefined) return undefined;
  const others = input.nodePools ?? [];
  const weight = Math.min(MOST_WEIGHT, Math.max(...others.map(pool => pool.weight)) + 1);
  const name = `${base.name.slice(0, MOST_NAME - SUFFIX.length)}${SUFFIX}`;
  const requirements = exactRequirements(base, input);
  const pool = { ...base, name, weight, requirements };
  const document = {
    apiVersion: base.apiVersion ?? 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name },
    spec: {
      weight,
      template: {
        ...(Object.keys(base.labels).length > 0 ? { metadata: { labels: base.labels } } : {}),
        spec: {
          requirements,
          nodeClassRef: nodeClass,
          ...(base.taints.length > 0 ? { taints: base.taints } : {}),
        },
      },
      disruption: {
        consolidationPolicy: base.consolidationPolicy ?? 'WhenEmptyOrUnderutilized',
        consolidateAfter: base.consolidateAfter ?? '0s',
        ...(base.budgets.length > 0 ? { budgets: base.budgets } : {}),
      },
    },
  };
  const fileName = `nodepool-${name}.yaml`;
  return {
    owner: { kind: 'karpenter', name },
    title: `New NodePool ${name}`,
    nodes: [],
    fileName,
    language: 'yaml',
    text: stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }),
    how: `kubectl apply -f ${fileName}`,
    fields: [
      {
        path: 'spec.weight',
        present: 'not there',
        proposed: String(weight),
        why: 'Tried before every other pool.',
      },
      {
        path: 'spec.template.spec.requirements',
        present: 'not there',
        proposed: stringify(requirements, { collectionStyle: 'flow', lineWidth: 0 }).trim(),
        why: `What the plan wants to buy, and whatever else NodePool ${base.name} requires.`,
      },
    ],
    check: checkPurchase(input, [pool, ...others]),
    notes: [
      `The pools that are there hold other nodes, too, and those would drift if their types were left out: this one is for the plan alone, like NodePool ${base.name}.`,
      `Copy startupTaints, expireAfter and terminationGracePeriod of NodePool ${base.name}, where it has any: the agent does not tell them.`,
      'When its nodes run, take its weight back, or every new pod goes there first. To delete the NodePool takes its nodes away.',
    ],
  };
}
