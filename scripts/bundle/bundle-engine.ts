import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { build } from 'esbuild';
import { httpAsItIs, onlyEnglish, onlyWhatIsUsed, schemasOnFirstUse } from './plugins.ts';
import { externalPackages } from './server-entries.ts';

/**
 * Bundles scripts of the engine into a folder: each under its name, and beside them the parts that they share or load late, whose names
 * have the hash of what is in them.
 * @param entries paths from the root, by name
 * @param extension of all files; whoever starts a script looks for one with its own
 * @returns names of the files that were written, and paths from the root of all that went in
 */
export async function bundleEngine(options: {
  readonly root: string;
  readonly entries: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly extension: '.mjs' | '.js';
}): Promise<{ written: ReadonlySet<string>; inputs: readonly string[] }> {
  const { root, entries, folder, extension } = options;
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...entries },
    outdir: folder,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': extension },
    bundle: true,
    splitting: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: [...externalPackages],
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    plugins: [
      onlyEnglish,
      httpAsItIs,
      onlyWhatIsUsed,
      schemasOnFirstUse(join(root, 'scripts/bundle/schemas-on-first-use.ts')),
    ],
    // Packages that are CommonJS ask for Node's own modules.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
  mkdirSync(folder, { recursive: true });
  // What an entry needs lies there before the entry does, and nobody reads half of a file.
  const isEntry = ({ path }: { path: string }) => basename(path, extname(path)) in entries;
  for (const { path, contents } of outputFiles.toSorted((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    writeFileSync(`${path}.new`, contents);
    renameSync(`${path}.new`, path);
  }
  return {
    written: new Set(outputFiles.map(({ path }) => basename(path))),
    inputs: Object.keys(metafile.inputs),
  };
}
