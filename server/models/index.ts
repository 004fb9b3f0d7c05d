export { createModels, type ModelNeed, type ModelParts, type Models } from './create-models.ts';
export { type InspectParts, inspectModel, type ModelInspection } from './inspect-model.ts';
export type { FeatureNames } from './manifest.ts';
export type { ModelSession } from './model-session.ts';
export { modelMigrations } from './model-store.ts';
export type { OnnxFacts } from './onnx-facts.ts';
export { addModelRoutes } from './routes.ts';
export type { ChildSettings } from './start-inference-child.ts';
