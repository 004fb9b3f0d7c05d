import { formatCpu } from '../../../../common/units/index.ts';
import { moneyText } from '../../../components/money-text.tsx';
import { counted, formatShare } from '../../../components/number-text.ts';
import type { PlannedNode } from './plan-nodes.ts';
import type { PlanSide } from './planned-look.ts';

/** What the plan does to the node under the pointer. */
export function NodeTip({ node, side }: { readonly node: PlannedNode; readonly side: PlanSide }) {
  return (
    <>
      <b>{node.name}</b>
      {tipLines(node, side).map(line => (
        <div key={line}>{line}</div>
      ))}
    </>
  );
}

function tipLines(node: PlannedNode, side: PlanSide): string[] {
  const { fate, leave, arrive, allocatable } = node;
  const price =
    node.priceMicroUsdPerHour === null ? 'price unknown' : moneyText(node.priceMicroUsdPerHour, 'hour');
  const fill = side === 'before' ? node.before : node.after;
  const isThere = fate !== (side === 'before' ? 'comes' : 'goes');
  const requested = fill === null ? 'unknown' : formatShare(fill.cpuMilli / allocatable.cpuMilli);
  return [
    `${node.instanceType}, ${node.capacityType}, ${node.zone ?? 'unknown zone'}, ${price}`,
    ...(isThere ? [`CPU ${formatCpu(allocatable.cpuMilli)}: ${requested} requested ${side}`] : []),
    FATE_WORDS[fate],
    ...(leave.length > 0 ? [`${counted(leave.length, 'pod')} leave it.`] : []),
    ...(arrive.length > 0 ? [`${counted(arrive.length, 'pod')} come to it.`] : []),
  ];
}

const FATE_WORDS: Record<PlannedNode['fate'], string> = {
  stays: 'Stays.',
  goes: 'Goes: it is drained and removed.',
  comes: 'Comes in place of what goes.',
};
