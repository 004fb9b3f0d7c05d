/**
 * Builds the agent into `out/agent`: `main.mjs`, which needs nothing beside it in a cluster, and `read-kubeconfig.mjs` for an
 * agent that is given a kubeconfig. `npm run build-agent`.
 */
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

await build({
  absWorkingDir: root,
  entryPoints: ['agent/main.ts', 'agent/kubernetes/read-kubeconfig.ts'],
  outdir: 'out/agent',
  entryNames: '[name]',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Packages that are CommonJS ask for Node's own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
