import { join } from 'node:path';
import { defineConfig } from 'electron-vite';
import renderer from './src-renderer/vite.config.ts';

const here = import.meta.dirname;

/** Main, preload and renderer side by side in `out/desktop`; packages stay outside the bundles of main. */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/desktop/main',
      externalizeDeps: true,
      rollupOptions: {
        input: {
          index: join(here, 'src-main/index.ts'),
          'run-engine': join(here, 'src-main/engine/run-engine.ts'),
          'inference-child': join(here, 'server/models/inference-child.ts'),
          'plug-in-child': join(here, 'server/decisions/plug-ins/plug-in-child.ts'),
          'backtest-thread': join(here, 'server/forecasting/backtest/backtest-thread.ts'),
          'packing-worker': join(here, 'server/decisions/packing/packing-worker.ts'),
          'planning-worker': join(here, 'server/decisions/snapshot/planning-worker.ts'),
        },
        // Chunks lie beside the entries: whoever starts a thread looks for its script next to itself.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/desktop/preload',
      // A sandboxed preload script must be CommonJS and complete in itself.
      rollupOptions: {
        input: { index: join(here, 'src-preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    ...renderer,
    root: join(here, 'src-renderer'),
    // The same as in the browser, from here: this file is bundled with the one it imports.
    resolve: { alias: { zod: join(here, 'src-renderer/connection/schema-stand-in.ts') } },
    build: {
      ...renderer.build,
      outDir: join(here, 'out/desktop/renderer'),
      rollupOptions: { ...renderer.build?.rollupOptions, input: join(here, 'src-renderer/index.html') },
    },
  },
});
