/** `npm run bench [-- NAME …]`: every benchmark, or the named ones. Each prints figures and ratios of one run. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const own = ['run.ts', 'figures.ts'];
const benchmarks = readdirSync(import.meta.dirname)
  .filter(name => name.endsWith('.ts') && !own.includes(name))
  .map(name => name.slice(0, -'.ts'.length))
  .sort();

/** Runs others, which come by themselves when all are run. */
const together = ['decisions'];
const wanted = process.argv.slice(2);
const unknown = wanted.find(name => !benchmarks.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no benchmark "${unknown}"; known are ${benchmarks.join(', ')}.\n`);
  process.exit(2);
}
const alone = benchmarks.filter(name => !together.includes(name));
for (const name of wanted.length > 0 ? wanted : alone) {
  process.stdout.write(`\n── ${name}\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
