/**
 * Builds the agent into `out/agent`: `main.mjs`, which needs nothing beside it in a cluster, and two files for an agent that is given a
 * kubeconfig. `npm run build-agent`.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { onlyEnglish } from './bundle/plugins.ts';

const root = join(import.meta.dirname, '..');

await build({
  absWorkingDir: root,
  entryPoints: ['agent/main.ts', 'agent/kubernetes/read-kubeconfig.ts', 'agent/kubernetes/library-access.ts'],
  outdir: 'out/agent',
  entryNames: '[name]',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Node holds the text of what it runs.
  minify: true,
  keepNames: true,
  plugins: [onlyEnglish],
  // Packages that are CommonJS ask for Node's own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
