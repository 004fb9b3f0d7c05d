import { shareOf, type TileLook } from '../../../components/node-map/draw-node-map.ts';
import type { PlannedNode } from './plan-nodes.ts';

/** Which side of the plan a map shows. */
export type PlanSide = 'before' | 'after';

/** How a node looks on one side of a plan; what is not there on this side is an empty, dashed place. */
export function plannedLook(
  node: PlannedNode,
  side: PlanSide,
  colours: Readonly<Record<'goes' | 'comes', string>>,
): TileLook {
  const content = side === 'before' ? node.before : node.after;
  const fill = content === null ? null : shareOf(content.cpuMilli, node.allocatable.cpuMilli);
  return {
    capacityType: node.capacityType,
    fill,
    isHatched: node.isCordoned,
    isAbsent: node.fate === (side === 'before' ? 'comes' : 'goes'),
    ...(node.fate === 'stays' ? {} : { bar: colours[node.fate] }),
    words: [
      node.instanceType,
      fill === null ? 'fill unknown' : `${Math.round(fill * 100)} % requested`,
      node.name,
    ],
  };
}
