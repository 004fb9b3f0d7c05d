import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOutbox } from '../../../agent/outbox/outbox.ts';
import type { AgentMessageBody } from '../../../common/agent-protocol/index.ts';
import { createRandom } from '../../../simulator/cluster/random.ts';
import type { Scenario } from '../scenario.ts';

const HOUR_MS = 3_600_000;
const USAGE_EVERY_MS = 15_000;
const MAX_BYTES = 2 * 1024 * 1024;
const script = join(import.meta.dirname, '../../support/full-disk-process.ts');
const silent = { info: () => undefined, warn: () => undefined };

/**
 * The outbox of an agent that reports for hours and reaches nobody, by a clock that jumps, on a small disk budget: every message is
 * either kept or counted as dropped, no result of a task is dropped, and the file stays within its bound. Then on a disk that is full.
 */
export const daysWithoutAServer: Scenario = {
  row: 'T4',
  title:
    'hours without a server: bounded disk, exact count of drops, every task result kept, a full disk survived',
  unit: 'hours',
  fullSize: 240,
  async run({ size, seed, isOver, say }) {
    const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-offline-'));
    const random = createRandom(seed);
    const misses: string[] = [];
    const sent: Record<string, number> = {};
    const results: string[] = [];
    let nowMs = Date.UTC(2026, 0, 1);
    const startMs = nowMs;
    let snapshotDue = false;
    let largest = 0;
    const outbox = openOutbox({
      dataFolder: folder,
      bootEpoch: 1,
      maxBytes: MAX_BYTES,
      now: () => nowMs,
      log: silent,
      onSnapshotDue: () => {
        snapshotDue = true;
      },
    });
    const send = (body: AgentMessageBody) => {
      sent[body.kind] = (sent[body.kind] ?? 0) + 1;
      outbox.enqueue(body);
      largest = Math.max(largest, statSync(join(folder, 'outbox/messages.jsonl')).size);
    };
    try {
      for (; nowMs - startMs < size * HOUR_MS && !isOver(); nowMs += USAGE_EVERY_MS) {
        send({
          kind: 'usage',
          nodes: [{ name: 'x'.repeat(random.integer(4_000)), used: { cpuMilli: 1, memoryBytes: 1 } }],
          pods: [],
        });
        if (random.next() < 0.3)
          send({ kind: 'inventory.delta', upserts: [], removals: ['x'.repeat(random.integer(1_000))] });
        if (random.next() < 0.02)
          send({ kind: 'event', reason: 'R', object: 'O', message: 'M', severity: 'info' });
        if (random.next() < 0.01) {
          results.push(`task-${results.length}`);
          send({
            kind: 'task.result',
            result: {
              taskId: results.at(-1) ?? '',
              epoch: 1,
              state: 'done',
              detail: 'Done.',
              evicted: [],
              at: nowMs,
            },
          });
        }
        if (snapshotDue) {
          snapshotDue = false;
          send({ kind: 'inventory.snapshot', objects: [], kubernetesVersion: 'v1.35.0' });
        }
      }
      const kept = await outbox.nextBatch(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      const keptResults = kept.flatMap(({ body }) =>
        body.kind === 'task.result' ? [body.result.taskId] : [],
      );
      if (keptResults.join() !== results.join())
        misses.push(`${keptResults.length} of ${results.length} task results are kept.`);
      for (const [kind, count] of Object.entries(sent)) {
        const held = kept.filter(({ body }) => body.kind === kind).length;
        const dropped = outbox.dropped[kind] ?? 0;
        if (held + dropped !== count)
          misses.push(`${kind}: of ${count}, ${held} are kept and ${dropped} counted as dropped.`);
      }
      if (largest > MAX_BYTES) misses.push(`The file grew to ${largest} bytes.`);
      const hours = Math.round((nowMs - startMs) / HOUR_MS);
      if (hours >= 24 && (outbox.dropped.usage ?? 0) === 0)
        misses.push('Nothing was dropped: this run shows nothing.');
      say(`${hours} hours`);
      const disk = fillDisk();
      misses.push(...disk.misses);
      return {
        done: hours,
        figures: {
          results: results.length,
          dropped: outbox.dropped.usage ?? 0,
          'largest file': largest,
          'full disk': disk.kind,
        },
        misses,
      };
    } finally {
      await outbox.close();
      rmSync(folder, { recursive: true });
    }
  },
};

/** On a file system of 1 MB where this user may mount one (ENOSPC), else under a limit on the size of files (EFBIG). */
function fillDisk(): { kind: string; misses: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-full-'));
  try {
    const mounted = 'mount -t tmpfs -o size=1m tmpfs "$2" && exec "$0" "$1" "$2"';
    const command = [process.execPath, script, folder];
    const options = { encoding: 'utf8', timeout: 60_000 } as const;
    const isAllowed = spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;
    const { status, stdout, stderr } = isAllowed
      ? spawnSync('unshare', ['-Urm', 'sh', '-c', mounted, ...command], options)
      : spawnSync('sh', ['-c', 'ulimit -f 1024; exec "$0" "$1" "$2"', ...command], options);
    const kind = /EFBIG|ENOSPC/.exec(stdout)?.[0] ?? 'not reached';
    const misses =
      status === 0 && kind !== 'not reached' ? [] : [`On a full disk: ${stdout}${stderr}`.slice(0, 1_000)];
    return { kind, misses };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
