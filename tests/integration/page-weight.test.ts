import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** What may come before a page is useful: 250 kB of scripts, as a server sends them. */
const MOST_BYTES = 250_000;

let scripts: Map<string, Rollup.OutputChunk>;
let entry: Rollup.OutputChunk;
let pages: Map<string, Rollup.OutputChunk>;
beforeAll(async () => {
  // Else React comes with what it has for developers.
  vi.stubEnv('NODE_ENV', 'production');
  const built = await build({
    configFile: join(root, 'src-renderer/vite.config.ts'),
    logLevel: 'silent',
    build: { write: false },
  });
  vi.unstubAllEnvs();
  const { output } = built as Rollup.RollupOutput;
  const chunks = output.filter(file => file.type === 'chunk');
  scripts = new Map(chunks.map(chunk => [chunk.fileName, chunk]));
  entry = chunkWhere(chunk => chunk.isEntry);
  const names = chunkWhere(chunk => chunk.moduleIds.some(id => id.endsWith('/app/pages.ts'))).dynamicImports;
  pages = new Map(
    names.flatMap(name => {
      const chunk = scripts.get(name);
      const page = /\/pages\/(.+)-page\.tsx$/.exec(chunk?.facadeModuleId ?? '')?.[1];
      return chunk && page ? [[page, chunk] as const] : [];
    }),
  );
}, 180_000);

function chunkWhere(isIt: (chunk: Rollup.OutputChunk) => boolean): Rollup.OutputChunk {
  const found = [...scripts.values()].find(isIt);
  if (!found) throw new Error('The build has no such script.');
  return found;
}

/** Scripts that have to be there before these can run, themselves included. */
function neededBy(...begin: readonly Rollup.OutputChunk[]): Set<Rollup.OutputChunk> {
  const needed = new Set(begin);
  for (const { imports } of needed) {
    for (const name of imports) {
      const chunk = scripts.get(name);
      if (chunk) needed.add(chunk);
    }
  }
  return needed;
}

function weightOf(needed: ReadonlySet<Rollup.OutputChunk>): number {
  return [...needed].reduce((sum, { code }) => sum + gzipSync(code).length, 0);
}

describe('scripts before a page is useful', () => {
  it('are 250 kB at most', () => {
    const weights = new Map([...pages].map(([page, chunk]) => [page, weightOf(neededBy(entry, chunk))]));
    console.info([...weights].map(([page, bytes]) => `${page} ${(bytes / 1000).toFixed(1)} kB`).join('\n'));
    expect(weights.size).toBeGreaterThanOrEqual(15);
    expect([...weights].filter(([, bytes]) => bytes > MOST_BYTES)).toEqual([]);
  });
});
