import {
  type LabelExpression,
  type LabelSelector,
  type NodeTerm,
  type PodRules,
  type Taint,
  type Toleration,
  ZONE_LABEL,
} from './problem.ts';

type Labels = Readonly<Record<string, string>>;

/** A node as far as the rules for nodes see it. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Labels;
  readonly taints: readonly Taint[];
}

/** Why a pod may not go onto a node whatever else is on it, or `undefined`. */
export type NodeRefusal = 'node selector' | 'node affinity' | 'taint' | 'volume zone';

/** Selector, required node affinity, taints and zones of volumes. */
export function nodeRefusal(
  rules: Pick<PodRules, 'nodeSelector' | 'nodeAffinity' | 'tolerations'> &
    Partial<Pick<PodRules, 'volumeZones'>>,
  node: NodeFacts,
): NodeRefusal | undefined {
  const { nodeSelector, nodeAffinity, tolerations, volumeZones = null } = rules;
  const refusal = affinityRefusal(nodeSelector, nodeAffinity, node);
  if (refusal !== undefined) return refusal;
  if (!toleratesAll(tolerations, node.taints)) return 'taint';
  if (volumeZones && !volumeZones.includes(node.labels[ZONE_LABEL] ?? '')) return 'volume zone';
  return undefined;
}

/** Whether selector and required affinity let the node in. */
export function affinityHolds({ nodeSelector, nodeAffinity }: PodRules, node: NodeFacts): boolean {
  return affinityRefusal(nodeSelector, nodeAffinity, node) === undefined;
}

function affinityRefusal(
  nodeSelector: PodRules['nodeSelector'],
  nodeAffinity: PodRules['nodeAffinity'],
  node: NodeFacts,
): NodeRefusal | undefined {
  for (const key in nodeSelector) if (node.labels[key] !== nodeSelector[key]) return 'node selector';
  if (nodeAffinity && !nodeAffinity.some(term => termHolds(term, node))) return 'node affinity';
  return undefined;
}

/** Taints of effect `PreferNoSchedule` keep nobody out. */
export function toleratesAll(tolerations: readonly Toleration[], taints: readonly Taint[]): boolean {
  return taints.every(
    taint =>
      taint.effect === 'PreferNoSchedule' || tolerations.some(toleration => tolerates(toleration, taint)),
  );
}

/** An empty term holds nowhere. */
export function termHolds({ matchExpressions, matchFields }: NodeTerm, node: NodeFacts): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every(expression => expressionHolds(expression, node.labels[expression.key])) &&
    matchFields.every(field => field.key === 'metadata.name' && expressionHolds(field, node.name))
  );
}

/** An empty selector selects everything. */
export function selectorHolds({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  for (const key in matchLabels) if (labels[key] !== matchLabels[key]) return false;
  return matchExpressions.every(expression => expressionHolds(expression, labels[expression.key]));
}

/** Whether a label's value, `undefined` for none, meets an expression. */
export function expressionHolds({ operator, values }: LabelExpression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compares(value, values, (a, b) => a > b);
    case 'Lt':
      return compares(value, values, (a, b) => a < b);
  }
}

/** Both sides must be whole numbers, and there must be exactly one to compare with. */
function compares(
  value: string | undefined,
  values: readonly string[],
  holds: (a: bigint, b: bigint) => boolean,
): boolean {
  const [limit] = values;
  if (values.length !== 1 || value === undefined || limit === undefined) return false;
  if (!/^[+-]?\d+$/.test(value) || !/^[+-]?\d+$/.test(limit)) return false;
  return holds(BigInt(value.replace('+', '')), BigInt(limit.replace('+', '')));
}

function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return key !== '' && value === taint.value;
}
