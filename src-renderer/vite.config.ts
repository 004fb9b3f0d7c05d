import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const TEXT = String.raw`'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"`;
const META = new RegExp(String.raw`\.meta\(\{\s*description:\s*(?:${TEXT}),?\s*\}\)`, 'g');
const SUMMARY = new RegExp(String.raw`\n\s*summary:\s*(?:${TEXT}),`, 'g');

/** Leaves the words of contracts out, which are for readers of the API: 4 kB (gzip) of each first visit. */
function contractsWithoutWords(): Plugin {
  return {
    name: 'contracts-without-words',
    enforce: 'pre',
    transform: (code, id) =>
      id.includes('/common/contracts/') ? code.replace(META, '').replace(SUMMARY, '') : undefined,
  };
}

// Absolute addresses: pages have deep links, and the desktop app serves the same files from the root of its protocol.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [contractsWithoutWords(), react()],
  resolve: {
    alias: { zod: `${import.meta.dirname}/connection/schema-stand-in.ts` },
  },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'es2024',
    minify: true,
    reportCompressedSize: true,
    // Inlined files would be `data:` fonts and scripts, which the server's policy refuses.
    assetsInlineLimit: 0,
  },
});
