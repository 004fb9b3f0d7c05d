import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelInspection } from '../../server/models/index.ts';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-models-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function inspect(file: string): { code: number | null; stdout: string; stderr: string } {
  const args = [join(root, 'server/main.ts'), 'models', 'inspect', file, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('cloudoptim models inspect', () => {
  it('accepts a sample model and tells what it says of itself', () => {
    const { code, stdout } = inspect(join(root, 'resources/models/spot-price-ridge.onnx'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout) as ModelInspection).toMatchObject({
      format: 'onnx',
      verdict: 'accepted',
      task: 'spot-price',
      trainedUntil: '2026-10-20T00:00:00Z',
      reasons: [],
    });
  });

  it('answers "no" with exit code 3 and the reason for a file that is no model', () => {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, Buffer.from('80049505000000000000004b012e', 'hex'));
    const { code, stdout } = inspect(path);
    expect(code).toBe(3);
    const { verdict, reasons } = JSON.parse(stdout) as ModelInspection;
    expect(verdict).toBe('rejected');
    expect(reasons.join(' ')).toMatch(/Python file/);
  });

  it('refuses a path that leads nowhere with exit code 2 and one sentence', () => {
    const { code, stderr } = inspect(join(folder, 'nothing.onnx'));
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('nothing.onnx');
  });
});
