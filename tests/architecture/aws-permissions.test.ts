import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Actions of every command that the engine makes: `new DescribeRegionsCommand(…)` is `ec2:DescribeRegions`. */
function actionsOfCode(): string[] {
  const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'server', 'agent'], {
    cwd: root,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map(read)
    .filter(text => text.includes("'@aws-sdk/client-ec2'"));
  const commands = sources.flatMap(text => [...text.matchAll(/new (\w+)Command\(/g)].map(([, name]) => name));
  return [...new Set(commands)].sort().map(name => `ec2:${name}`);
}

const actionsIn = (text: string) => [...new Set(text.match(/ec2:[A-Z]\w+/g))].sort();

describe('what CloudOptim may do in AWS', () => {
  it('is the same in code, guide and Terraform, read-only, and three actions at most', () => {
    const used = actionsOfCode();
    const [, policy = ''] = /```json\n([\s\S]*?)```/.exec(read('docs/guides/aws-credentials.md')) ?? [];
    const [statement] = (JSON.parse(policy) as { Statement: { Action: string[] }[] }).Statement;
    expect(used.length).toBeGreaterThan(0);
    expect(used.length).toBeLessThanOrEqual(3);
    expect(used.every(action => action.startsWith('ec2:Describe'))).toBe(true);
    expect(statement?.Action.toSorted()).toEqual(used);
    expect(actionsIn(read('infra/terraform/read-only-prices/main.tf'))).toEqual(used);
  });

  it('is well-formed Terraform: brackets that match, and no variable or resource that is not declared', () => {
    const files = ['main', 'variables', 'outputs', 'versions'].map(name =>
      read(`infra/terraform/read-only-prices/${name}.tf`).replace(/^#.*$/gm, ''),
    );
    for (const text of files) {
      const open: string[] = [];
      for (const [bracket] of text.replace(/"[^"]*"/g, '""').matchAll(/[{}()[\]]/g)) {
        if ('{(['.includes(bracket)) open.push(bracket);
        else expect(`${open.pop()}${bracket}`).toMatch(/^(\{\}|\(\)|\[\])$/);
      }
      expect(open).toEqual([]);
    }
    const all = files.join('\n');
    const declared = new Set([...all.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name));
    for (const [, name] of all.matchAll(/\bvar\.(\w+)/g)) expect(declared).toContain(name);
    const made = new Set(
      [...all.matchAll(/^(?:resource|data) "(\w+)" "(\w+)"/gm)].map(([, kind, name]) => `${kind}.${name}`),
    );
    for (const [, name] of all.matchAll(/\b(?:data\.)?(aws_\w+\.\w+)/g)) expect(made).toContain(name);
  });
});
