/**
 * `node full-disk-process.ts FOLDER`: fills an agent's outbox on a disk of about 1 MB beyond what it holds; says what the disk answered,
 * and fails when a message is neither kept nor counted, or when the outbox does not work again once there is room.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openOutbox } from '../../agent/outbox/outbox.ts';

const [folder = ''] = process.argv.slice(2);
const ballast = join(folder, 'ballast');
const said = new Set<string>();
const outbox = openOutbox({
  dataFolder: folder,
  bootEpoch: 1,
  maxBytes: 64 * 1024 * 1024,
  now: Date.now,
  log: {
    info: () => undefined,
    warn: (_, facts = {}) => void said.add(/^[A-Z]+/.exec(String(facts.reason))?.[0] ?? ''),
  },
  onSnapshotDue: () => undefined,
});
const usage = (size: number) =>
  outbox.enqueue({
    kind: 'usage',
    nodes: [{ name: 'x'.repeat(size), used: { cpuMilli: 1, memoryBytes: 1 } }],
    pods: [],
  });
const result = (taskId: string) =>
  outbox.enqueue({
    kind: 'task.result',
    result: { taskId, epoch: 1, state: 'done', detail: '', evicted: [], at: 1 },
  });

writeFileSync(ballast, 'x'.repeat(200_000));
let sent = 0;
for (; sent < 2_000; sent++) usage(1_000);
const held = outbox.size;
const dropped = outbox.dropped.usage ?? 0;
process.stdout.write(`${[...said].join()}: ${held} kept, ${dropped} dropped\n`);
if (held + dropped !== sent || held === 0 || dropped === 0) throw new Error(`${sent} were sent`);

// What is acknowledged makes room, and everything that was kept can be read whole.
const kept = await outbox.nextBatch(10_000, 10_000_000);
if (kept.length !== held) throw new Error(`${kept.length} of ${held} can be read`);
rmSync(ballast);
outbox.acknowledge(kept.at(-1)?.seq ?? 0);
for (let n = 0; n < 20; n++) result(`t${n}`);
await outbox.close();
const again = openOutbox({
  dataFolder: folder,
  bootEpoch: 2,
  maxBytes: 64 * 1024 * 1024,
  now: Date.now,
  log: { info: () => undefined, warn: () => undefined },
  onSnapshotDue: () => undefined,
});
if (again.size !== 20)
  throw new Error(
    `${again.size} of 20 results are there after a start; ${readdirSync(join(folder, 'outbox'))}`,
  );
await again.close();
