import type { FactKind, PeerCursor, SyncProgress } from '../../common/contracts/index.ts';
import { peers } from '../../common/contracts/peers.ts';
import { AppError } from '../../common/errors.ts';
import type { FactBook } from './fact-book.ts';
import type { PeerLink } from './peer-link.ts';

/** What moving facts needs. */
export interface MoveFactsParts {
  readonly link: PeerLink;
  readonly book: FactBook;
  readonly selfId: string;
  readonly serverEngineId: string;
  readonly mayWrite: boolean;
  readonly signal: AbortSignal;
  readonly report: (progress: Pick<SyncProgress, 'subject'>) => void;
}

/** A page after another; a sync that would go on for longer than this goes on with the next. */
const MOST_PAGES = 10_000;

/**
 * Brings facts of one kind to both sides, engine by engine, in the order of their numbers, page by page. Each page is one commit with its cursor,
 * so a sync that broke off goes on behind its last page.
 */
export async function moveFacts(run: MoveFactsParts, kind: FactKind): Promise<void> {
  const { link, book, selfId, serverEngineId, signal } = run;
  const params = { kind };
  const { cursors: theirs } = await link.call(peers.listCursors, { params }, signal);
  const ours = await book.cursors(kind);
  for (const { origin, name, seq: end } of theirs) {
    if (origin === selfId) continue;
    let after = seqOf(ours, origin);
    if (after > end) {
      await book.startOver(kind, origin);
      after = 0;
    }
    for (let pages = 0; after < end && pages < MOST_PAGES; pages++) {
      signal.throwIfAborted();
      run.report({ subject: `of ${name}` });
      const { facts } = await link.call(peers.readFacts, { params, query: { origin, after } }, signal);
      if (facts.length === 0) break;
      const next = await book.add(kind, { origin, name, after, facts });
      if (next <= after) throw outOfOrder(kind, name);
      after = next;
    }
  }
  if (!run.mayWrite) return;
  for (const { origin, name, seq: end } of ours) {
    if (origin === serverEngineId) continue;
    let after = seqOf(theirs, origin);
    // Only for its own facts can an engine say that its numbers were set back.
    let startOver = origin === selfId && after > end;
    if (startOver) after = 0;
    for (let pages = 0; after < end && pages < MOST_PAGES; pages++) {
      signal.throwIfAborted();
      run.report({ subject: `of ${name}` });
      const facts = await book.read(kind, origin, after);
      if (facts.length === 0) break;
      const body = { origin, name, after, startOver, facts };
      const { seq } = await link.call(peers.addFacts, { params, body }, signal);
      if (seq <= after) throw outOfOrder(kind, name);
      after = seq;
      startOver = false;
    }
  }
}

function seqOf(cursors: readonly PeerCursor[], origin: string): number {
  return cursors.find(one => one.origin === origin)?.seq ?? 0;
}

function outOfOrder(kind: FactKind, name: string): AppError {
  return new AppError('sync.unreachable', `The ${kind} of ${name} came out of order; the next sync goes on.`);
}
