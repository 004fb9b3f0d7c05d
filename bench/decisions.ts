/**
 * The rows that belong to decisions, in one process: packing, planning and rightsizing one after the other, then the event loop of a whole engine while it
 * decides for a cluster of 1,000 nodes. `DECISION_RUNS` sets the runs of each request (3).
 */
import { measureEventLoop } from './plan/measure-event-loop.ts';
import { measureJournal } from './plan/measure-journal.ts';

/** A turn of the event loop may take this long. */
const MOST_STALL_MS = 50;
const say = (line: string) => process.stdout.write(`${line}\n`);

for (const part of ['pack', 'plan', 'rightsize']) {
  say(`\n── ${part}`);
  await import(`./${part}.ts`);
}
say('\n── plans of an engine as they are kept, 1,000 nodes, 10,000 pods');
const held = await measureJournal(1_000, 10_000, Number(process.env.DECISION_RUNS ?? 3), MOST_STALL_MS, say);
say('\n── the event loop of an engine, 1,000 nodes, 10,000 pods');
const missed = await measureEventLoop(
  1_000,
  10_000,
  Number(process.env.DECISION_RUNS ?? 3),
  MOST_STALL_MS,
  say,
);
missed.push(...held);
if (missed.length > 0) {
  say(
    `MISSED: more than ${MOST_STALL_MS} ms of own work in one turn of the event loop: ${missed.join('; ')}`,
  );
  process.exitCode = 1;
}
