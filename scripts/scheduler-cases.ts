/**
 * Packings for a real kube-scheduler to judge.
 *   node scripts/scheduler-cases.ts write DIR [--count 100] [--first 1]   random clusters with the places that the packer claims
 *   node scripts/scheduler-cases.ts read DIR                              what the scheduler made of them, after DIR/run.sh
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kubernetesCase } from '../server/decisions/packing/kubernetes-case.ts';
import { loadLinearSolver } from '../server/decisions/packing/linear-solver.ts';
import { packProblem } from '../server/decisions/packing/pack-problem.ts';
import { randomCluster } from '../server/decisions/packing/random-cluster.fixture.ts';
import {
  runScript,
  schedulerConfiguration,
  schedulerFiles,
  schedulerVerdict,
} from './scheduler-cases/files.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string', default: '100' }, first: { type: 'string', default: '1' } },
});
const [verb, folder] = positionals;
if (folder === undefined || (verb !== 'write' && verb !== 'read')) {
  process.stderr.write('Say "write DIR" or "read DIR".\n');
  process.exit(2);
}
if (verb === 'write') await write(folder, wholeNumber('first'), wholeNumber('count'));
else read(folder);

function wholeNumber(name: 'first' | 'count'): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 1) return number;
  process.stderr.write(`--${name} is "${values[name]}"; it must be a whole number from 1.\n`);
  process.exit(2);
}

async function write(into: string, first: number, count: number): Promise<void> {
  const solve = await loadLinearSolver();
  for (let seed = first; seed < first + count; seed++) {
    const problem = randomCluster(seed);
    const answer = packProblem(problem, { solve, seed: 1, shouldStop: () => false, patience: 1 });
    const place = join(into, `case-${seed}`);
    mkdirSync(place, { recursive: true });
    for (const [name, content] of Object.entries(schedulerFiles(kubernetesCase(problem, answer))))
      writeFileSync(join(place, name), `${JSON.stringify(content, null, 1)}\n`);
  }
  writeFileSync(join(into, 'scheduler.yaml'), `${JSON.stringify(schedulerConfiguration, null, 1)}\n`);
  writeFileSync(join(into, 'run.sh'), runScript, { mode: 0o755 });
  process.stdout.write(`${count} cases in ${into}. Start kube-scheduler with scheduler.yaml, then run.sh.\n`);
}

function read(from: string): void {
  let judged = 0;
  let refused = 0;
  const cases = existsSync(from) ? readdirSync(from).filter(name => name.startsWith('case-')) : [];
  for (const name of cases) {
    const verdicts = join(from, name, 'verdict.json');
    if (!existsSync(verdicts)) continue;
    const claims = JSON.parse(readFileSync(join(from, name, 'claims.json'), 'utf8'));
    for (const { pod, claimed, reason } of schedulerVerdict(
      claims,
      JSON.parse(readFileSync(verdicts, 'utf8')),
    )) {
      judged++;
      if (reason === null) continue;
      refused++;
      process.stdout.write(`${name}: ${pod} does not go to ${claimed}: ${reason}\n`);
    }
  }
  process.stdout.write(`${judged} claims of ${cases.length} cases judged, ${refused} refused.\n`);
  if (refused > 0 || judged === 0) process.exitCode = 3;
}
