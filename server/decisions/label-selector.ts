import type { Selector, SelectorRequirement } from '../../common/kubernetes/index.ts';

/** Whether labels satisfy a selector as Kubernetes reads it; an empty selector selects everything, an unknown operator nothing. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal && (selector.matchExpressions ?? []).every(expression => holds(expression, labels[expression.key]))
  );
}

function holds({ operator, values = [] }: SelectorRequirement, value: string | undefined): boolean {
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (operator === 'Exists') return value !== undefined;
  return operator === 'DoesNotExist' && value === undefined;
}
