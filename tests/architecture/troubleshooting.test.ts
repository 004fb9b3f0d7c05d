import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../common/errors.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const guide = read('docs/troubleshooting.md');

/** Cells of each row whose first one is a code: `| \`plan.stale\` | user, 409 | … |`. */
const entries = guide
  .split('\n')
  .filter(line => /^\| `[a-z]+\.[a-z-]+` \|/.test(line))
  .map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
  .map(([code = '', kindAndStatus, ...told]) => ({ code: code.replaceAll('`', ''), kindAndStatus, told }));
/** Part of the guide under a line, up to the next blank line after its table. */
const tableUnder = (line: string) => guide.split(`\n${line}\n\n`)[1]?.split('\n\n')[0] ?? '';
const exitCodesIn = (table: string) => [...table.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));

const codes = Object.keys(errorCatalogue).sort();

describe('the guide to troubleshooting', () => {
  it('has one entry for each code of the error catalogue, and no other', () => {
    expect(codes.length).toBeGreaterThan(30);
    expect(entries.map(({ code }) => code).sort()).toEqual(codes);
  });

  it('says the kind and the status of each code', () => {
    const said = Object.fromEntries(entries.map(({ code, kindAndStatus }) => [code, kindAndStatus]));
    const catalogued = Object.entries(errorCatalogue).map(([code, { kind, httpStatus }]) => [
      code,
      `${kind}, ${httpStatus}`,
    ]);
    expect(said).toEqual(Object.fromEntries(catalogued));
  });

  it('says of each what is seen, why, and what to do', () => {
    for (const { code, told } of entries) {
      expect(told, code).toHaveLength(3);
      for (const cell of told) expect(cell.length, code).toBeGreaterThan(10);
    }
  });

  it('says which codes nothing answers with', () => {
    const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'server'], {
      cwd: root,
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
      .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .map(read)
      .join('\n');
    const unused = codes.filter(code => !sources.includes(`'${code}'`));
    const saidUnused = entries.filter(({ told }) => told.join().includes('No call of this version'));
    expect(saidUnused.map(({ code }) => code).sort()).toEqual(unused);
  });

  it('has every exit code of the command line', () => {
    const commands = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'server/cli'], {
      cwd: root,
      encoding: 'utf8',
    });
    const constants = commands
      .trim()
      .split('\n')
      .flatMap(path => [...read(path).matchAll(/const EXIT_\w+ = (\d);/g)])
      .map(([, code]) => Number(code));
    expect(constants.length).toBeGreaterThan(2);
    const said = exitCodesIn(tableUnder('Of `cloudoptim`, for every command:'));
    expect(said).toEqual([...new Set([0, ...constants])].sort());
  });

  it('has every exit code of the agent', () => {
    const [, union = ''] = /exitCode: ((?:\d \| )+\d);/.exec(read('agent/agent-stop.ts')) ?? [];
    const stops = union.split(' | ').map(Number);
    expect(stops.length).toBeGreaterThan(1);
    // 0 and 1 are of the process itself: asked to end, and a bug.
    expect(exitCodesIn(tableUnder('Of the agent:'))).toEqual([0, 1, ...stops]);
  });
});
