/** What a thread of another room loads: the face of this one would load all of it. */
export { joinOutputs } from './model-outputs.ts';
export { TreeModel, type TreePlan } from './trees/index.ts';
