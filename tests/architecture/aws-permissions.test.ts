import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The parts of the engine that order nodes and end instances; all the rest only reads. */
const CAPACITY = 'server/decisions/capacity/';
const ORDERS = `${CAPACITY}ec2-orders.ts`;
const ENDS = `${CAPACITY}aws-instance-ends.ts`;
/** What EC2 asks of whoever calls CreateFleet, beside CreateFleet itself; and what gives an instance back that was launched for nothing. */
const IMPLIED = ['ec2:CreateTags', 'ec2:RunInstances', 'ec2:TerminateInstances'];

/** Actions of every command that the engine makes: `new DescribeRegionsCommand(…)` is `ec2:DescribeRegions`. */
function actionsOfCode(isWanted: (path: string) => boolean): string[] {
  const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'server', 'agent'], {
    cwd: root,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts') && isWanted(path))
    .map(read)
    .filter(text => text.includes("'@aws-sdk/client-"));
  const commands = sources.flatMap(text => [...text.matchAll(/new (\w+)Command\(/g)].map(([, name]) => name));
  return [...new Set(commands)]
    .map(name => `${name?.includes('AutoScaling') ? 'autoscaling' : 'ec2'}:${name}`)
    .sort();
}

const actionsIn = (text: string) => [...new Set(text.match(/(ec2|autoscaling):[A-Z]\w+/g))].sort();

interface Statement {
  readonly Action: string | string[];
  readonly Condition?: object;
}

/** The statements of the policies in the guide, in their order. */
function guidePolicies(): Statement[][] {
  const blocks = read('docs/guides/aws-credentials.md').matchAll(/```json\n([\s\S]*?)```/g);
  return [...blocks].map(([, json = '']) => (JSON.parse(json) as { Statement: Statement[] }).Statement);
}

const actionsOf = (statements: readonly Statement[] = []) => statements.flatMap(({ Action }) => Action);

describe('what CloudOptim may do in AWS', () => {
  it('is the same in code, guide and Terraform, read-only, and three actions at most', () => {
    const used = actionsOfCode(path => !path.startsWith(CAPACITY));
    expect(used.length).toBeGreaterThan(0);
    expect(used.length).toBeLessThanOrEqual(3);
    expect(used.every(action => action.startsWith('ec2:Describe'))).toBe(true);
    expect(actionsOf(guidePolicies()[0]).toSorted()).toEqual(used);
    expect(actionsIn(read('infra/terraform/read-only-prices/main.tf'))).toEqual(used);
  });

  it('is, where nodes are ordered, what launches them and ends those it launched, the same in code, guide and Terraform', () => {
    const needed = [...actionsOfCode(path => path === ORDERS), ...IMPLIED].toSorted();
    const statements = guidePolicies()[1] ?? [];
    const ofGuide = actionsOf(statements).filter(action => action.startsWith('ec2:'));
    expect(ofGuide.toSorted()).toEqual(needed);
    const terraform = read('infra/terraform/launch-nodes/main.tf').replace('"ec2:CreateAction"', '');
    expect(actionsIn(terraform)).toEqual(needed);
    const ending = statements.find(({ Action }) => Action === 'ec2:TerminateInstances');
    expect(JSON.stringify(ending?.Condition)).toContain('aws:ResourceTag/cloudoptim:plan');
  });

  it('is, where instances are ended, to look and to end those of one cluster, the same in code, guide and Terraform', () => {
    const needed = actionsOfCode(path => path === ENDS);
    expect(needed).toContain('autoscaling:TerminateInstanceInAutoScalingGroup');
    const statements = guidePolicies()[2] ?? [];
    expect(actionsOf(statements).toSorted()).toEqual(needed);
    const terraform = read('infra/terraform/end-instances/main.tf');
    expect(actionsIn(terraform)).toEqual(needed);
    for (const { Action, Condition } of statements)
      if (actionsOf([{ Action }]).some(action => !action.includes(':Describe')))
        expect(Condition).toEqual({
          StringEquals: { 'aws:ResourceTag/kubernetes.io/cluster/name-of-the-cluster': ['owned', 'shared'] },
        });
    const blocks = terraform.split(/^ {2}statement \{$/m).slice(1);
    for (const block of blocks.filter(text => /Terminate/.test(text)))
      expect(block).toMatch(/variable = local\.cluster_tag\n\s+values\s+= \["owned", "shared"\]/);
    expect(terraform).toMatch(/"aws:ResourceTag\/kubernetes\.io\/cluster\/\$\{var\.cluster_name\}"/);
    // Every file that talks to AWS in this folder is one of the two.
    expect(actionsOfCode(path => path.startsWith(CAPACITY) && path !== ORDERS && path !== ENDS)).toEqual([]);
  });

  it.each(['read-only-prices', 'launch-nodes', 'end-instances', 'database'])(
    '%s is well-formed Terraform: brackets that match, and no variable or resource that is not declared',
    module => {
      const files = ['main', 'variables', 'outputs', 'versions'].map(name =>
        read(`infra/terraform/${module}/${name}.tf`).replace(/^#.*$/gm, ''),
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
    },
  );
});
