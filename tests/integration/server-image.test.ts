import { existsSync, globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { externalPackages } from '../../scripts/bundle/server-entries.ts';

/** The Dockerfile of the server and what docker is given to build from. */
const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const dockerfile = read('infra/docker/server.Dockerfile');

describe('the image', () => {
  const stages = dockerfile.split(/^FROM /m).slice(1);
  const last = stages.at(-1) ?? '';
  const ignored = read('.dockerignore').split('\n');

  it('has bases that can be pinned by digest, and never the latest', () => {
    for (const stage of stages) expect(stage).toMatch(/^\$\{NODE_IMAGE\}/);
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24-slim$/m);
    expect(dockerfile).toContain('--build-arg NODE_IMAGE=node:24-slim@sha256:<digest of your review>');
  });

  it('runs as nobody in particular, keeps its data in a volume of that user and serves port 8000', () => {
    expect(last).toMatch(/^USER 65532:65532$/m);
    expect(last).toMatch(/^RUN install -d -o 65532 -g 65532 -m 0700 \/data\nUSER /m);
    expect(last).toMatch(/^VOLUME \/data$/m);
    expect(last).toMatch(/^EXPOSE 8000$/m);
    expect(last).toMatch(/^ENTRYPOINT \["node", "\/app\/out\/server\/main\.mjs"\]$/m);
  });

  it('holds what the server reads beside itself, and the context holds what is copied', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(
      ([, from]) => from?.split(' ') ?? [],
    );
    expect(globSync(copied, { cwd: root }).sort()).toEqual([...new Set(copied)].sort());
    for (const path of copied) expect(ignored).toContain(`!${path}`);
    // Those that server/cli/server-command.ts names, and the built engine.
    for (const path of ['resources', 'package.json', 'out/renderer', 'out/server'])
      expect(last).toMatch(new RegExp(`^COPY .*${path}`, 'm'));
  });

  it('holds every file and package that the server comes to by its imports', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const left = ignored.filter(line => line.startsWith('**/')).map(line => line.slice(3).replace('*', ''));
    const isLeft = (path: string) => left.some(part => path.endsWith(part) || path.includes(`/${part}/`));
    // Beside the program itself: what it starts by path, in threads and processes of its own.
    const started = globSync('server/**/*-{child,thread,worker}.ts', { cwd: root }).filter(
      path => !isLeft(path),
    );
    const reached = new Set(['server/main.ts', 'server/cli/server-command.ts', ...started]);
    const missing: string[] = [];
    for (const path of reached)
      for (const name of importsOf(read(path))) {
        const file = normalize(join(dirname(path), name));
        if (!name.startsWith('.')) {
          if (!isBuiltin(name) && !((name.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? '') in dependencies))
            missing.push(`${path}: ${name}`);
        } else if (isLeft(file) || !existsSync(join(root, file))) missing.push(`${path}: ${name}`);
        else if (file.endsWith('.ts')) reached.add(file);
      }
    expect(missing).toEqual([]);
    for (const name of externalPackages)
      if (existsSync(join(root, 'node_modules', name))) expect(dependencies, name).toHaveProperty([name]);
    expect(reached.size).toBeGreaterThan(300);
    const folders = new Set([...reached].map(path => path.split('/')[0]));
    expect([...folders].sort()).toEqual(['common', 'server']);
  });
});

/** What a module imports when it runs; imports of types alone are gone by then. */
function importsOf(text: string): string[] {
  const found = text.matchAll(
    /^(?:import|export) (?!type\b)[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...found].map(([, from, bare, lazily]) => from ?? bare ?? lazily ?? '');
}
