import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { checkEngine, type EngineVerdict } from './check-engine.ts';
import { wasmModule } from './wasm-module.fixture.ts';

const log = pino({ level: 'silent' });
const settings = { nodePath: process.execPath };
const example = readFileSync(
  join(import.meta.dirname, '../../../resources/engines/cheapest-in-zone.js'),
  'utf8',
);
const manifest = { name: 'tried', version: '1.0.0', contractVersion: 1 };

function check(source: string | Uint8Array, manifestText?: string): Promise<EngineVerdict> {
  const bytes = Buffer.from(source);
  const kind = typeof source === 'string' ? 'javascript' : 'webassembly';
  return checkEngine({ kind, bytes }, manifestText, settings, log);
}
const checkDecide = (body: string) =>
  check(`let calls = 0; export function decide(input) { ${body} }`, JSON.stringify(manifest));
const failed = ({ checks }: EngineVerdict) => checks.filter(one => !one.passed).map(one => one.name);
const said = ({ checks }: EngineVerdict, name: string) => checks.find(one => one.name === name)?.text;

describe('the conformance kit', () => {
  it('passes the documented example, which finds moves', async () => {
    const verdict = await check(example);
    expect(failed(verdict)).toEqual([]);
    expect(said(verdict, 'rules: forty-nodes')).toMatch(/^([1-9]\d*) of \1 moves accepted$/);
  });

  it('passes a WebAssembly engine that proposes nothing, with its manifest inside or beside', async () => {
    const answer = '{"proposals":[]}';
    const text = JSON.stringify(manifest);
    expect(failed(await check(wasmModule({ answer, manifest: text })))).toEqual([]);
    expect(failed(await check(wasmModule({ answer }), text))).toEqual([]);
    expect(failed(await check(wasmModule({ answer })))).toEqual(['manifest']);
  });

  it('names every fault of a manifest', async () => {
    const bad = { ...manifest, name: 'spot', version: '1', contractVersion: 2, secret: 1 };
    const verdict = await check('export const decide = () => 1;', JSON.stringify(bad));
    expect(failed(verdict)).toEqual(['manifest']);
    expect(said(verdict, 'manifest')).toContain('name: this name belongs to a built-in engine');
    expect(said(verdict, 'manifest')).toContain('version: a version is written like 1.2.0');
    expect(said(verdict, 'manifest')).toContain('contractVersion: this program speaks contract version 1');
    expect(said(verdict, 'manifest')).toContain('secret');
  });

  it('refuses a default that its own schema refuses', async () => {
    const properties = { share: { type: 'number', default: 2, maximum: 1 } };
    const text = JSON.stringify({ ...manifest, parameters: { type: 'object', properties } });
    const verdict = await check('export const decide = () => 1;', text);
    expect(said(verdict, 'manifest')).toBe('parameters.properties.share.default: it must be at most 1');
  });

  it('finds an engine whose answer depends on the order of its input', async () => {
    const verdict = await checkDecide(`
      const node = input.nodes[0];
      const pool = input.pools[0];
      if (!node) return { proposals: [] };
      return { proposals: [{ nodeUid: node.uid, target: { instanceType: pool.instanceType, zone: pool.zone, capacityType: 'spot' } }] };`);
    expect(failed(verdict)).toContain('order does not matter');
    expect(failed(verdict)).not.toContain('same answer twice');
  });

  it('finds moves that break rules, and says which', async () => {
    const verdict = await checkDecide(`
      return { proposals: input.nodes.map(({ uid, zone }) => ({ nodeUid: uid, target: { instanceType: 'z9.huge', zone, capacityType: 'spot' } })) };`);
    expect(failed(verdict)).toEqual([
      'rules: three-nodes',
      'rules: twelve-nodes',
      'rules: forty-nodes',
      '1,000 nodes',
    ]);
    expect(said(verdict, 'rules: three-nodes')).toContain('Instance type z9.huge is not in the catalog.');
  });

  it('does not try an engine again that never ends', async () => {
    const bytes = Buffer.from('export function decide() { for (;;); }');
    const short = { ...settings, limits: { deadlineMs: 500, memoryMib: 64, outputUnits: 1_000 } };
    const verdict = await checkEngine({ kind: 'javascript', bytes }, JSON.stringify(manifest), short, log);
    expect(verdict.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['loads', true],
      ['manifest', true],
      ['empty cluster', false],
    ]);
    expect(said(verdict, 'empty cluster')).toBe('it did not answer within 0.5 s');
  });

  it('finds an engine that chokes on an empty cluster', async () => {
    const verdict = await checkDecide('input.nodes[0].uid; return { proposals: [] };');
    expect(failed(verdict)).toEqual(['empty cluster']);
  });
});
