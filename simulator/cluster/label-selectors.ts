import type { LabelExpression, LabelSelector, NodeSelectorTerm } from './kubernetes-objects.ts';

type Labels = Readonly<Record<string, string>>;

/** Whether labels satisfy a `matchLabels`/`matchExpressions` selector. An absent selector selects nothing. */
export function matchesLabelSelector(
  selector: LabelSelector | undefined,
  labels: Labels | undefined,
): boolean {
  if (!selector) return false;
  const own = labels ?? {};
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (own[key] !== value) return false;
  return (selector.matchExpressions ?? []).every(expression => matchesExpression(expression, own));
}

/** Whether labels satisfy any of the terms (terms are or-ed, expressions within one are and-ed). */
export function matchesAnyTerm(terms: readonly NodeSelectorTerm[], labels: Labels): boolean {
  return terms.some(term =>
    (term.matchExpressions ?? []).every(expression => matchesExpression(expression, labels)),
  );
}

/** Whether labels satisfy one requirement. `NotIn` also holds when the label is absent, as in Kubernetes. */
export function matchesExpression(expression: LabelExpression, labels: Labels): boolean {
  const value = labels[expression.key];
  const values = expression.values ?? [];
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
