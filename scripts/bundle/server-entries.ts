/** A script for each process and thread that an engine starts; the file of each is named after it. */
const started = {
  'inference-child': 'server/models/inference-child.ts',
  'plug-in-child': 'server/decisions/plug-ins/plug-in-child.ts',
  'backtest-thread': 'server/forecasting/backtest/backtest-thread.ts',
  'packing-worker': 'server/decisions/packing/packing-worker.ts',
  'planning-worker': 'server/decisions/snapshot/planning-worker.ts',
};

/** The `cloudoptim` command, and what it starts. */
export const serverEntries: Readonly<Record<string, string>> = { main: 'server/main.ts', ...started };

/** The engine of the desktop app, and what it starts. */
export const desktopEntries: Readonly<Record<string, string>> = {
  'run-engine': 'src-main/engine/run-engine.ts',
  ...started,
};

/** Packages with native parts, WebAssembly or files of their own, and a large one that few need: they are loaded from `node_modules`. */
export const externalPackages: readonly string[] = [
  '@fastify/swagger-ui',
  '@kubernetes/client-node',
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
