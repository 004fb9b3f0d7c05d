/** A script for each process and thread of the engine; the file of each is named after it. */
export const serverEntries: Record<string, string> = {
  main: 'server/main.ts',
  'inference-child': 'server/models/inference-child.ts',
  'plug-in-child': 'server/decisions/plug-ins/plug-in-child.ts',
  'backtest-thread': 'server/forecasting/backtest/backtest-thread.ts',
  'packing-worker': 'server/decisions/packing/packing-worker.ts',
  'planning-worker': 'server/decisions/snapshot/planning-worker.ts',
};

/** Packages with native parts, WebAssembly or files of their own: they are loaded from `node_modules`. */
export const externalPackages: readonly string[] = [
  '@fastify/swagger-ui',
  'better-sqlite3',
  'highs',
  'onnxruntime-node',
  'quickjs-emscripten',
  // Optional parts of packages, which are not installed.
  'bufferutil',
  'pg-native',
  'protobufjs/minimal',
  'utf-8-validate',
];
