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
  if (coming.length === 0) return { verdict: 'as-planned', bought: 0, text: 'Nothing has to be bought.' };
  const known = new Set(offerings.map(keyOf));
  const unknown = coming.filter(machine => !known.has(keyOf(machine)));
  const [first] = unknown;
  if (first)
    return {
      verdict: 'unknown',
      bought: 0,
      text: `The price of ${inWords(first)} is unknown now, so what Karpenter would buy is, too.`,
    };
  if (waiting.length === 0)
    return {
      verdict: 'unknown',
      bought: 0,
      text: 'Which pods the new nodes are for is not known, so what Karpenter would buy is not, either.',
    };
  return compare(coming, karpenterChoice(pools, offerings, waiting, overheadOf(input)));
}

const VERDICTS: readonly PurchaseCheck['verdict'][] = ['as-planned', 'may-differ', 'differs', 'unknown'];

/** Whether one outcome is closer to the plan than another. */
export function isCloser(one: PurchaseCheck, other: PurchaseCheck): boolean {
  const ranks = [one, other].map(({ verdict }) => VERDICTS.indexOf(verdict));
  const [ownRank = 0, otherRank = 0] = ranks;
  return ownRank < otherRank || (ownRank === otherRank && one.bought > other.bought);
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
  const cheapest = purchases.flatMap(({ options }) => options[0] ?? []);
  const left = coming.map(kindOf);
  const bought = cheapest.filter(one => {
    const place = left.indexOf(kindOf(one));
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  }).length;
  const words = `By price Karpenter would buy ${countedWords(cheapest)}`;
  const wanted = countedWords(coming);
  if (unplaced > 0 || left.length > 0 || cheapest.length > coming.length) {
    const nothing =
      unplaced > 0 ? ` For ${unplaced} of the pods it would find nothing that these NodePools admit.` : '';
    return { verdict: 'differs', bought, text: `${words}; the plan wants ${wanted}.${nothing}` };
  }
  const planned = new Set(coming.map(keyOf));
  const others = [
    ...new Set(
      purchases.flatMap(({ options }) => options.filter(one => !planned.has(keyOf(one))).map(inWords)),
    ),
  ];
  const isPlaced = cheapest.map(keyOf).sort().join() === coming.map(keyOf).sort().join();
  if (others.length === 0 && isPlaced)
    return { verdict: 'as-planned', bought, text: `Karpenter would buy what the plan wants: ${wanted}.` };
  const more = others.length > 3 ? ` and ${others.length - 3} more` : '';
  const choice =
    others.length === 0
      ? 'which zone each of them gets is not fixed'
      : `the last word is EC2's, which may give ${others.slice(0, 3).join(', ')}${more} instead`;
  return { verdict: 'may-differ', bought, text: `${words}, the types of the plan; ${choice}.` };
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
