export { OwnTrees } from './own-trees.ts';
export type { RowModel } from './same-bits.ts';
export { TreeModel } from './tree-model.ts';
export type { TreePlan } from './tree-plan.ts';
export { walkTrees } from './walk-trees.ts';
