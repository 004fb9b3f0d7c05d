import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Absolute addresses: pages have deep links, and the desktop app serves the same files from the root of its protocol.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
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
