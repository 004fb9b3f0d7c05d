import { join } from 'node:path';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { bundleEngine } from './scripts/bundle/bundle-engine.ts';
import { desktopEntries } from './scripts/bundle/server-entries.ts';
import renderer from './src-renderer/vite.config.ts';

const here = import.meta.dirname;

/** The engine is bundled as that of a server is, beside the main process, and starts as quickly. */
const engineBeside: Plugin = {
  name: 'engine-beside',
  closeBundle: async () => {
    const folder = join(here, 'out/desktop/main');
    await bundleEngine({ root: here, entries: desktopEntries, folder, extension: '.js' });
  },
};

/** Main, preload and renderer side by side in `out/desktop`; packages stay outside the bundle of main. */
export default defineConfig({
  main: {
    plugins: [engineBeside],
    build: {
      outDir: 'out/desktop/main',
      externalizeDeps: true,
      rollupOptions: {
        input: { index: join(here, 'src-main/index.ts') },
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
