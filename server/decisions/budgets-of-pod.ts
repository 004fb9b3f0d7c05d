import type { InventoryBudget, InventoryPod } from '../../common/agent-protocol/index.ts';
import { selects } from './label-selector.ts';

/** Budgets of a namespace by one label that they ask for; those that ask for none in that way apart. */
interface NamespaceBudgets {
  readonly byLabel: Map<string, InventoryBudget[]>;
  readonly others: InventoryBudget[];
}

/** A cluster has thousands of pods and hundreds of budgets: each list is sorted into once. */
const indexes = new WeakMap<readonly InventoryBudget[], Map<string, NamespaceBudgets>>();

/** Budgets that select a pod, by name. */
export function budgetsOf(
  { namespace, labels }: Pick<InventoryPod, 'namespace' | 'labels'>,
  budgets: readonly InventoryBudget[],
): InventoryBudget[] {
  let index = indexes.get(budgets);
  if (!index) {
    index = indexOf(budgets);
    indexes.set(budgets, index);
  }
  const own = index.get(namespace);
  if (!own) return [];
  const asked = Object.entries(labels).flatMap(([key, value]) => own.byLabel.get(`${key}=${value}`) ?? []);
  return [...asked, ...own.others]
    .filter(budget => selects(budget.selector, labels))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function indexOf(budgets: readonly InventoryBudget[]): Map<string, NamespaceBudgets> {
  const index = new Map<string, NamespaceBudgets>();
  for (const budget of budgets) {
    const own: NamespaceBudgets = index.get(budget.namespace) ?? { byLabel: new Map(), others: [] };
    index.set(budget.namespace, own);
    const [label] = Object.entries(budget.selector.matchLabels ?? {});
    if (!label) own.others.push(budget);
    else {
      const key = `${label[0]}=${label[1]}`;
      own.byLabel.set(key, [...(own.byLabel.get(key) ?? []), budget]);
    }
  }
  return index;
}
