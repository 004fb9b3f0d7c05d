import { formatCpu } from '../../../../common/units/index.ts';
import { moneyText } from '../../../components/money-text.tsx';
import { counted, formatShare } from '../../../components/number-text.ts';
import type { PlanSide } from './draw-plan-map.ts';
import type { PlannedNode } from './plan-nodes.ts';

/** What the plan does to the node under the pointer. */
export function NodeTip(props: {
  readonly node: PlannedNode;
  readonly side: PlanSide;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}) {
  const { node, side, x, y, width, height } = props;
  return (
    <div
      className="co-tip"
      style={{
        ...(x > width / 2 ? { right: width - x + 14 } : { left: x + 14 }),
        ...(y > height / 2 ? { bottom: height - y + 10 } : { top: y + 10 }),
        maxWidth: 360,
        whiteSpace: 'normal',
      }}
    >
      <b>{node.name}</b>
      {tipLines(node, side).map(line => (
        <div key={line}>{line}</div>
      ))}
    </div>
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
