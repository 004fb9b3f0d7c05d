export { createModels, type ModelNeed, type ModelParts, type Models } from './create-models.ts';
export { type FeatureNames, MANIFEST_KEY, readManifest } from './manifest.ts';
export type { ModelSession } from './model-session.ts';
export { modelMigrations } from './model-store.ts';
export type { OnnxFacts } from './onnx-facts.ts';
export { readOnnxFile } from './onnx-file.ts';
export { addModelRoutes } from './routes.ts';
export type { ChildSettings } from './start-inference-child.ts';
