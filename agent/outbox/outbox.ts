import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentMessage, AgentMessageBody, TaskResult } from '../../common/agent-protocol/index.ts';
import { errorText, type Log } from '../log.ts';
import { type OutboxEntry, OutboxFile } from './outbox-file.ts';

/** What the outbox needs. */
export interface OutboxOptions {
  readonly dataFolder: string;
  readonly bootEpoch: number;
  /** Of the file, without the copy that a compaction makes for a moment. */
  readonly maxBytes: number;
  readonly now: () => number;
  readonly log: Log;
  /** Telemetry was dropped: the server must be told the whole state anew. */
  readonly onSnapshotDue: () => void;
  /** The server has everything up to this message. */
  readonly onAcknowledged?: (seq: number) => void;
}

/** Messages of one boot that the server has not acknowledged, in order, on disk. */
export interface Outbox {
  /**
   * Appends a message; it survives a kill of the process at once, a power loss after `durable`. Answers with its number,
   * or with nothing when it could not be stored.
   */
  enqueue(body: AgentMessageBody): number | undefined;
  /** The oldest messages, at most so many and so large (always one), once they are on disk. */
  nextBatch(maxMessages: number, maxBytes: number): Promise<AgentMessage[]>;
  /** Forgets everything up to `seq`. */
  acknowledge(seq: number): void;
  /** Resolves when all that was enqueued so far is on disk. Rejects when the disk refuses. */
  durable(): Promise<void>;
  /** Resolves when there is something to send. */
  waiting(): Promise<void>;
  readonly size: number;
  readonly lastAckedSeq: number;
  /** Messages dropped since the start, by kind of body. */
  readonly dropped: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Dropped in this order when there is no room. Task results are not in the list: they are never dropped. */
const dropOrder = ['usage', 'inventory.delta', 'inventory.snapshot', 'event'] as const;
/** After a drop so much stays, so that a full outbox does not compact at every message. */
const keptShare = 0.75;

/**
 * Opens the outbox in DIR/outbox. Task results of earlier boots come first, under new numbers; their telemetry is
 * dropped, because a new boot starts with a snapshot. A torn last line, from a kill during a write, is ignored.
 */
export function openOutbox(options: OutboxOptions): Outbox {
  const { log, now } = options;
  const folder = join(options.dataFolder, 'outbox');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'messages.jsonl');

  let lastSeq = 0;
  let lastAckedSeq = 0;
  const dropped: Record<string, number> = {};
  const left = existsSync(path) ? readLeftResults(readFileSync(path, 'utf8')) : [];
  const file = OutboxFile.create(
    path,
    left.map(result => {
      lastSeq++;
      return { seq: lastSeq, kind: 'task.result', line: lineOf(lastSeq, { kind: 'task.result', result }) };
    }),
  );
  if (left.length > 0) log.info('Task results of an earlier start wait to be sent', { count: left.length });

  let wake: (() => void) | undefined;
  const arrived = () => {
    wake?.();
    wake = undefined;
  };

  function lineOf(seq: number, body: AgentMessageBody): string {
    return `${JSON.stringify({ boot: options.bootEpoch, seq, at: now(), body })}\n`;
  }

  function drop(kind: string): void {
    dropped[kind] = (dropped[kind] ?? 0) + 1;
    if (kind.startsWith('inventory')) snapshotDue = true;
  }

  function makeRoom(bytes: number): void {
    if (file.bytes + bytes <= options.maxBytes) return;
    const goal = options.maxBytes * keptShare;
    for (const kind of dropOrder) {
      for (const entry of file.entries()) {
        if (file.liveBytes + bytes <= goal) break;
        if (entry.kind !== kind) continue;
        file.forget(entry);
        drop(kind);
      }
    }
    file.compact();
    log.warn('The outbox is full; the oldest telemetry was dropped', { dropped: { ...dropped } });
  }

  let snapshotDue = false;
  const outbox: Outbox = {
    dropped,
    get size() {
      return file.count;
    },
    get lastAckedSeq() {
      return lastAckedSeq;
    },
    enqueue(body) {
      lastSeq++;
      const seq = lastSeq;
      const line = lineOf(seq, body);
      let isStored = false;
      try {
        const bytes = Buffer.byteLength(line);
        makeRoom(bytes);
        if (body.kind !== 'task.result' && file.bytes + bytes > options.maxBytes) drop(body.kind);
        else {
          file.append({ seq, kind: body.kind, line });
          isStored = true;
          if (body.kind === 'inventory.snapshot') snapshotDue = false;
        }
      } catch (error) {
        // A task result is also in the task log, from which it is answered when the server offers the task again.
        drop(body.kind);
        log.warn('The outbox cannot be written', { reason: errorText(error), dropped: { ...dropped } });
      }
      if (snapshotDue) {
        snapshotDue = false;
        options.onSnapshotDue();
      }
      arrived();
      return isStored ? seq : undefined;
    },
    async nextBatch(maxMessages, maxBytes) {
      const entries: OutboxEntry[] = [];
      let bytes = 0;
      for (const entry of file.entries()) {
        if (entries.length >= maxMessages || (entries.length > 0 && bytes + entry.length > maxBytes)) break;
        entries.push(entry);
        bytes += entry.length;
      }
      const messages = entries.map(entry => messageOf(file.read(entry)));
      await file.sync();
      return messages;
    },
    acknowledge(seq) {
      const acked = Math.min(seq, lastSeq);
      if (acked <= lastAckedSeq) return;
      lastAckedSeq = acked;
      file.acknowledge(acked);
      options.onAcknowledged?.(acked);
    },
    durable: () => file.sync(),
    waiting() {
      if (file.count > 0) return Promise.resolve();
      return new Promise(resolve => {
        const earlier = wake;
        wake = () => {
          earlier?.();
          resolve();
        };
      });
    },
    async close() {
      await file.sync();
      file.close();
    },
  };
  return outbox;
}

interface StoredLine {
  readonly boot?: number;
  readonly seq?: number;
  readonly at?: number;
  readonly body?: AgentMessageBody;
  readonly acked?: number;
}

function messageOf(line: string): AgentMessage {
  const { seq, at, body } = JSON.parse(line) as Required<StoredLine>;
  return { seq, at, body };
}

/** Task results that were not acknowledged, in order. */
function readLeftResults(text: string): TaskResult[] {
  const results: { seq: number; result: TaskResult }[] = [];
  let acked = 0;
  for (const line of text.split('\n')) {
    const stored = parseLine(line);
    if (stored?.acked !== undefined) acked = Math.max(acked, stored.acked);
    else if (stored?.body?.kind === 'task.result' && stored.seq !== undefined) {
      results.push({ seq: stored.seq, result: stored.body.result });
    }
  }
  return results.filter(({ seq }) => seq > acked).map(({ result }) => result);
}

function parseLine(line: string): StoredLine | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as StoredLine;
  } catch {
    return undefined;
  }
}
