import type { PurchaseCheck } from '../../../common/contracts/index.ts';
import { type Choice, type ChoicePool, inWords, karpenterChoice } from './karpenter-choice.ts';
import type { Offering } from './karpenter-requirements.ts';
import type { OwnerInput } from './owner-input.ts';

/** What the check of pools needs of the whole. */
export type CheckInput = Pick<OwnerInput, 'nodes' | 'pods' | 'coming' | 'waiting' | 'offerings'>;

type Machine = Pick<Offering, 'instanceType' | 'zone' | 'capacityType'>;

/** Holds what Karpenter would buy from these pools for the pods of a plan against the nodes that the plan wants. */
export function checkPurchase(input: CheckInput, pools: readonly ChoicePool[]): PurchaseCheck {
  const { coming, waiting, offerings } = input;
  if (coming.length === 0) return { verdict: 'as-planned', text: 'Nothing has to be bought.' };
  const known = new Set(offerings.map(keyOf));
  const unknown = coming.filter(machine => !known.has(keyOf(machine)));
  const [first] = unknown;
  if (first)
    return {
      verdict: 'unknown',
      text: `The price of ${inWords(first)} is unknown now, so what Karpenter would buy is, too.`,
    };
  if (waiting.length === 0)
    return {
      verdict: 'unknown',
      text: 'Which pods the new nodes are for is not known, so what Karpenter would buy is not, either.',
    };
  return compare(coming, karpenterChoice(pools, offerings, waiting, overheadOf(input)));
}

/** Whether Karpenter would buy a node from this pool for any of the pods of a plan. */
export function buysFrom(input: CheckInput, pool: ChoicePool): boolean {
  return karpenterChoice([pool], input.offerings, input.waiting, overheadOf(input)).purchases.length > 0;
}

/** What DaemonSets ask of a new node: the most that they ask of one of the nodes that go. */
function overheadOf({ nodes, pods }: CheckInput): { cpuMilli: number; memoryBytes: number; pods: number } {
  const leaving = new Set(nodes.filter(({ isLeaving }) => isLeaving).map(({ inventory }) => inventory.name));
  const daemons = pods.filter(
    pod => pod.ownerKind === 'DaemonSet' && pod.nodeName !== null && leaving.has(pod.nodeName),
  );
  const sums = [...Map.groupBy(daemons, ({ nodeName }) => nodeName).values()].map(own => ({
    cpuMilli: own.reduce((sum, { requests }) => sum + requests.cpuMilli, 0),
    memoryBytes: own.reduce((sum, { requests }) => sum + requests.memoryBytes, 0),
    pods: own.length,
  }));
  return {
    cpuMilli: Math.max(0, ...sums.map(({ cpuMilli }) => cpuMilli)),
    memoryBytes: Math.max(0, ...sums.map(({ memoryBytes }) => memoryBytes)),
    pods: Math.max(0, ...sums.map(sum => sum.pods)),
  };
}

function compare(coming: OwnerInput['coming'], { purchases, unplaced }: Choice): PurchaseCheck {
  if (unplaced > 0)
    return {
      verdict: 'differs',
      text: `For ${unplaced} of the pods Karpenter would find nothing that these NodePools admit.`,
    };
  const planned = new Set(coming.map(keyOf));
  const cheapest = purchases.map(({ options }) => options[0]);
  const wanted = countedWords(coming);
  const bought = countedWords(cheapest.flatMap(one => one ?? []));
  const kinds = (machines: readonly Machine[]) => machines.map(kindOf).sort().join();
  if (kinds(cheapest.flatMap(one => one ?? [])) !== kinds(coming))
    return { verdict: 'differs', text: `By price Karpenter would buy ${bought}; the plan wants ${wanted}.` };
  const others = new Set(
    purchases.flatMap(({ options }) => options.filter(one => !planned.has(keyOf(one))).map(inWords)),
  );
  const isPlaced =
    cheapest
      .map(one => one && keyOf(one))
      .sort()
      .join() === coming.map(keyOf).sort().join();
  if (others.size === 0 && isPlaced)
    return { verdict: 'as-planned', text: `Karpenter would buy what the plan wants: ${wanted}.` };
  const some = [...others].slice(0, 3).join(', ');
  const more = others.size > 3 ? ` and ${others.size - 3} more` : '';
  return {
    verdict: 'may-differ',
    text: `By price Karpenter would buy ${bought}, as planned, but leaves the last word to EC2, which may give ${some}${more} instead.`,
  };
}

function countedWords(machines: readonly Machine[]): string {
  const counts = Map.groupBy(machines.map(inWords), words => words);
  return (
    [...counts].map(([words, { length }]) => (length === 1 ? words : `${length} × ${words}`)).join(', ') ||
    'nothing'
  );
}

function keyOf({ instanceType, zone, capacityType }: Machine): string {
  return `${instanceType} ${zone} ${capacityType}`;
}

function kindOf({ instanceType, capacityType }: Machine): string {
  return `${instanceType} ${capacityType}`;
}
