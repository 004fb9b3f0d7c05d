export type { Engine, EngineOptions } from './engine.ts';
export { createEngine } from './engine.ts';
export { loadSettings } from './platform/index.ts';
