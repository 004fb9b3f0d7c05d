/**
 * `npm run soak [-- ROW … --minutes N --seed N --share S]`: what must hold under faults, at full size. Ends by itself; exit code 1 when
 * something did not hold. `--minutes` is for all rows together (60 unless given), `--share` a part of the full size.
 */
import { parseArgs } from 'node:util';
import type { Finding, Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const { values, positionals } = readArguments();
const minutes = numberOf('--minutes', values.minutes, 60);
const seed = numberOf('--seed', values.seed, Date.now() % 2 ** 31);
const share = numberOf('--share', values.share, 1);
const unknown = positionals.find(row => !scenarios.some(scenario => scenario.row === row));
if (unknown !== undefined) {
  stop(`There is no row "${unknown}"; known are ${scenarios.map(({ row }) => row).join(', ')}.`);
}
const wanted =
  positionals.length === 0 ? scenarios : scenarios.filter(({ row }) => positionals.includes(row));

process.stdout.write(`Seed ${seed}; give it by --seed for the same run. At most about ${minutes} minutes.\n`);
const endsAt = Date.now() + minutes * 60_000;
const rows: { scenario: Scenario; finding: Finding; seconds: number }[] = [];
for (const [n, scenario] of wanted.entries()) rows.push(await soak(scenario, wanted.length - n));

const table = rows.map(({ scenario, finding, seconds }) => [
  scenario.row,
  `${finding.done.toLocaleString('en-US')} of ${scenario.fullSize.toLocaleString('en-US')} ${scenario.unit}`,
  finding.misses.length === 0 ? 'holds' : `MISSED: ${finding.misses[0]}`,
  `${seconds.toFixed(0)} s`,
  Object.entries(finding.figures)
    .map(([name, value]) => `${name} ${value.toLocaleString('en-US')}`)
    .join(', '),
]);
process.stdout.write('\n| row | done | result | time | figures |\n|---|---|---|---|---|\n');
for (const cells of table) process.stdout.write(`| ${cells.join(' | ')} |\n`);
process.exit(rows.some(({ finding }) => finding.misses.length > 0) ? 1 : 0);

/** Each row may take an equal part of the time that is left; what one leaves over, the others have. */
async function soak(scenario: Scenario, rowsLeft: number) {
  const startedAt = Date.now();
  const rowEndsAt = startedAt + (endsAt - startedAt) / rowsLeft;
  process.stdout.write(`\n── ${scenario.row}: ${scenario.title}\n`);
  let saidAt = 0;
  const finding = await scenario
    .run({
      size: Math.max(1, Math.round(scenario.fullSize * share)),
      seed,
      isOver: () => Date.now() > rowEndsAt,
      say: progress => {
        if (Date.now() - saidAt < 5_000) return;
        saidAt = Date.now();
        process.stdout.write(`   ${progress}\n`);
      },
    })
    .catch((error: unknown): Finding => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { done: 0, figures: {}, misses: [text] };
    });
  for (const miss of finding.misses) process.stdout.write(`   MISSED: ${miss}\n`);
  return { scenario, finding, seconds: (Date.now() - startedAt) / 1000 };
}

function readArguments() {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({ allowPositionals: true, options: { minutes: text, seed: text, share: text } });
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string | undefined, usual: number): number {
  const value = text === undefined ? usual : Number(text);
  return value > 0 ? value : stop(`${name} is "${text}"; give a number above 0.`);
}

function stop(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}
