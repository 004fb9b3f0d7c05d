import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { type Ec2Endpoint, startEc2Endpoint } from '../../simulator/ec2-endpoint/index.ts';
import { openMarketOfTest } from '../support/market-of-test.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const PATIENCE_MS = 60_000;

interface Example {
  readonly language: 'sh' | 'js';
  readonly code: string;
  readonly title: string;
  /** What the line below it says: fields that the answer has, `state: "live"` with their value. */
  readonly answers: readonly string[];
  readonly prints: readonly string[];
  /** Fields that later examples know by a name. */
  readonly keeps: readonly { readonly field: string; readonly name: string }[];
}

const guide = readFileSync(join(root, 'docs', 'integration.md'), 'utf8');
const examples = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```\n\n(.*)$/gm)].map(
  ([, language, code = '', told = '']): Example => ({
    language: language as Example['language'],
    code,
    title:
      code
        .split('\n')
        .find(line => /curl|io\(/.test(line))
        ?.trim() ?? code,
    answers: quoted(/^Answers ((?:`[^`]+`(?:, )?)+)/.exec(told)?.[1]),
    prints: quoted(/^Prints ((?:`[^`]+`(?:, )?)+)/.exec(told)?.[1]),
    keeps: [...told.matchAll(/Keep `([^`]+)` as `\$(\w+)`/g)].map(([, field = '', name = '']) => ({
      field,
      name,
    })),
  }),
);

let folder: string;
let endpoint: Ec2Endpoint;
let engine: Engine;
let hasCurl: boolean;
/** What stands for the placeholders of the guide. */
const placeholders: Record<string, string> = { CLUSTER_NAME: 'my-cluster' };
const ownAccess = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' };
const before = Object.keys(ownAccess).map(name => [name, process.env[name]] as const);

beforeAll(async () => {
  hasCurl = await run('curl', ['--version']).then(
    () => true,
    () => false,
  );
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-examples-'));
  const market = await openMarketOfTest(undefined);
  endpoint = await startEc2Endpoint({ market, clock: Date.now, accessKeyIds: [ownAccess.AWS_ACCESS_KEY_ID] });
  Object.assign(process.env, ownAccess);
  engine = await createEngine({
    settings: loadSettings({ data: folder, port: 0, logLevel: 'silent', ec2Endpoint: endpoint.url }, {}),
    version: '0.0.0',
    resourcesFolder: join(root, 'resources'),
    uiFolder: undefined,
  });
  placeholders.URL = engine.url;
  placeholders.TOKEN = engine.launchToken;
});
afterAll(async () => {
  await engine?.close();
  await endpoint?.close();
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true });
});

function quoted(text = ''): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner);
}

/** What an example prints. Rejects unless it exits with 0. */
async function output({ language, code }: Example): Promise<string> {
  const env = { PATH: process.env.PATH, NO_PROXY: '127.0.0.1', ...placeholders };
  const options = { env, timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 ** 2 } as const;
  // Modules are found from the root; files are written elsewhere.
  const { stdout } =
    language === 'js'
      ? await run(process.execPath, ['--input-type=module', '-e', code], { ...options, cwd: root })
      : await run('bash', ['-euo', 'pipefail', '-c', code], { ...options, cwd: folder });
  return stdout;
}

/** The value under a path like `clusters[0].id`; `undefined` where there is none. */
function valueAt(answer: unknown, path: string): unknown {
  return path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], answer);
}

describe('the examples of docs/integration.md', () => {
  it('are all there, in languages that are run, and each says what it answers', () => {
    expect(examples.length).toBeGreaterThan(20);
    expect(guide.match(/^```\w/gm)).toHaveLength(examples.length);
    for (const { language, title, answers, prints } of examples) {
      expect(['sh', 'js'], title).toContain(language);
      expect(answers.length + prints.length, title).toBeGreaterThan(0);
    }
  });

  // In their order: later ones use what earlier ones gave.
  it.for(examples.map((example, index) => [index + 1, example.title, example] as const))(
    '%i: %s',
    async ([, title, example], { skip }) => {
      skip(!hasCurl, 'curl is not installed');
      const printed = await output(example);
      for (const text of example.prints) expect(printed).toContain(text);
      if (example.answers.length === 0) return;
      const answer: unknown = JSON.parse(printed);
      for (const said of example.answers) {
        const [, path = '', value] = /^([\w.[\]]+)(?:: (.+))?$/.exec(said) ?? [];
        const found = valueAt(answer, path);
        expect(found, `${title}: ${said} in ${printed.slice(0, 500)}`).toBeDefined();
        if (value !== undefined) expect(found, `${title}: ${said}`).toEqual(JSON.parse(value));
      }
      for (const { field, name } of example.keeps) placeholders[name] = String(valueAt(answer, field));
    },
  );
});
