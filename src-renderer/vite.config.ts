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
      id.includes('/common/contracts/')
        ? withoutAnswers(code.replace(META, '').replace(SUMMARY, ''))
        : undefined,
  };
}

/** Schemas of answers, which the server has checked: without them most schemas are not needed by anything. */
function withoutAnswers(code: string): string {
  const [before = '', ...procedures] = code.split(/\n {4}response: /);
  return [before, ...procedures.map(text => text.slice(endOfValue(text)))].join('');
}

/** Where the comma behind the first value of a text is, behind all brackets that the value opens. */
function endOfValue(text: string): number {
  let depth = 0;
  for (const { 0: found, index } of text.matchAll(new RegExp(String.raw`${TEXT}|[([{}\])]|,`, 'g'))) {
    if (found === ',' && depth === 0) return index + 1;
    if ('([{'.includes(found)) depth++;
    else if (')]}'.includes(found)) depth--;
  }
  throw new Error(`The value has no end: ${text.slice(0, 80)}`);
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
    // A schema that nothing refers to changes nothing by being made.
    rollupOptions: { treeshake: { manualPureFunctions: ['z'] } },
  },
});
