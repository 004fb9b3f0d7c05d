import http from 'node:http';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Texts of zod in 50 languages would stay in memory; the program speaks one. */
export const onlyEnglish: Plugin = {
  name: 'only-english',
  setup: bundler => {
    bundler.onResolve({ filter: /locales\/index\.js$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]zod[\\/]/.test(importer) ? { path: 'locales', namespace: 'empty' } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export {};' }));
  },
};

/** Properties of `node:http` that load an HTTP client of their own when they are read. */
const LAZY_PROPERTIES = ['CloseEvent', 'MessageEvent', 'WebSocket'];

/** Takes `node:http` without the copy that Node makes of it for an `import`: that reads every property, the lazy ones, too. */
export const httpAsItIs: Plugin = {
  name: 'http-as-it-is',
  setup: bundler => {
    bundler.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'http', namespace: 'node', sideEffects: false } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'node' }, () => {
      const names = Object.keys(http).filter(name => !LAZY_PROPERTIES.includes(name));
      return {
        contents: [
          "const http = process.getBuiltinModule('node:http');",
          'export default http;',
          `export const { ${names.join(', ')} } = http;`,
        ].join('\n'),
      };
    });
  },
};

/**
 * Contracts are schemas by the thousand, of which a run needs few: each is built when it is first used.
 * @param standIn path of what takes the place of zod in this repository
 */
export function schemasOnFirstUse(standIn: string): Plugin {
  return {
    name: 'schemas-on-first-use',
    setup: bundler => {
      bundler.onResolve({ filter: /^zod$/ }, ({ importer }) =>
        dirname(importer) === dirname(standIn) || /[\\/]node_modules[\\/]/.test(importer)
          ? undefined
          : { path: standIn },
      );
    },
  };
}

/** Modules of this repository only define things: one of which nothing is used is left out, with the packages that it would load. */
export const onlyWhatIsUsed: Plugin = {
  name: 'only-what-is-used',
  setup: bundler => {
    bundler.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      sideEffects: false,
    }));
  },
};
