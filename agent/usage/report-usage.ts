import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import type { Log } from '../log.ts';
import { pause } from '../pause.ts';
import { reportParts } from './report-parts.ts';
import type { UsageSource } from './usage-source.ts';

/** What reporting usage needs. */
export interface UsageOptions {
  /** The one that is wanted first; the others stand in for it. */
  readonly sources: readonly UsageSource[];
  readonly send: (body: AgentMessageBody) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly everyMs: number;
  /** Hears after each round where usage came from; undefined when it is unknown. */
  readonly onRound: (from: UsageSource['name'] | undefined) => void;
}

/** Between parts of a report, so that what one leaves behind is cleared away before the next. */
const breathMs = 25;
/** A cluster may get its metrics server later. */
const probeEveryMs = 5 * 60_000;

/**
 * Reports what nodes and pods use until `signal` aborts, in each round from the first source that answers. What is wrong with
 * a source is said once, and that it is well again. Where none has anything nothing is sent: an unknown usage is never a zero.
 * Where all are absent or not allowed they are looked for again every 5 minutes.
 */
export async function reportUsage(options: UsageOptions): Promise<void> {
  const { sources, send, log, signal, everyMs, onRound } = options;
  const said = new Map<UsageSource, string>();
  while (!signal.aborted) {
    let from: UsageSource | undefined;
    let isAbsent = true;
    for (const source of sources) {
      const answer = await source.read(signal);
      if (signal.aborted) return;
      if (answer.ok) {
        if (said.delete(source)) log.info(`Usage is known from ${source.name} again`);
        for (const part of reportParts(answer.report)) {
          send(part);
          await pause(breathMs, signal);
        }
        from = source;
        break;
      }
      isAbsent &&= answer.isAbsent;
      if (said.get(source) === answer.trouble) continue;
      said.set(source, answer.trouble);
      const next = sources[sources.indexOf(source) + 1];
      const then = next ? `; asking ${next.name} instead` : '; usage of nodes and pods is unknown';
      log.warn(`Usage cannot be read from ${source.name}${then}`, { reason: answer.trouble });
    }
    onRound(from?.name);
    await pause(from === undefined && isAbsent ? probeEveryMs : everyMs, signal);
  }
}
