import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { createRandom, type Random } from '../../simulator/cluster/random.ts';

/** How often something happens to a message or to a connection; shares of one. */
export interface ChaosRates {
  readonly drop: number;
  readonly duplicate: number;
  /** Held back until the next one has overtaken it. */
  readonly reorder: number;
  readonly delay: number;
  readonly maxDelayMs: number;
  /** Nothing passes for a while, then everything. */
  readonly stall: number;
  readonly maxStallMs: number;
  /** The connection ends in the middle of things. */
  readonly cut: number;
}

/** What was done to messages so far. */
export type ChaosCounts = Record<
  'passed' | 'dropped' | 'duplicated' | 'reordered' | 'delayed' | 'stalled' | 'cut',
  number
>;

/** A proxy between agents and an engine. */
export interface ChaosProxy {
  readonly url: string;
  readonly counts: Readonly<ChaosCounts>;
  /** Lets everything pass from now on. */
  calm(): void;
  /** Cuts every connection, once. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Socket.IO events and their acknowledgements, alone or for a namespace; what sets a connection up or keeps it alive is left alone. */
const isMessage = (text: string) => text.startsWith('42') || text.startsWith('43');

/** A message that nothing overtakes is not held back for longer. */
const MAX_HOLD_MS = 200;

/**
 * Forwards WebSockets from 127.0.0.1 to `target()`, message by message, and mistreats them. What happens to the n-th message of
 * the m-th connection depends on the seed, n and m alone. Compression is off on both sides, as it is between agent and engine.
 */
export async function startChaosProxy(options: {
  readonly target: () => string;
  readonly seed: number;
  readonly rates: ChaosRates;
}): Promise<ChaosProxy> {
  const { target, seed, rates } = options;
  const counts: ChaosCounts = {
    passed: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
    delayed: 0,
    stalled: 0,
    cut: 0,
  };
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  const ends = new Set<() => void>();
  let isCalm = false;
  let connections = 0;

  const mistreat = (random: Random, text: string, pass: (text: string) => void, cut: () => void) => {
    const [fate, howLong] = [random.next(), random.next()];
    if (isCalm || !isMessage(text)) return { kind: 'pass' as const };
    let below = 0;
    const is = (share: number) => {
      below += share;
      return fate < below;
    };
    if (is(rates.drop)) counts.dropped++;
    else if (is(rates.duplicate)) {
      counts.duplicated++;
      pass(text);
      pass(text);
    } else if (is(rates.reorder)) {
      counts.reordered++;
      return { kind: 'hold' as const };
    } else if (is(rates.delay)) {
      counts.delayed++;
      setTimeout(() => pass(text), howLong * rates.maxDelayMs);
    } else if (is(rates.stall)) {
      counts.stalled++;
      return { kind: 'stall' as const, ms: howLong * rates.maxStallMs };
    } else if (is(rates.cut)) {
      counts.cut++;
      cut();
    } else return { kind: 'pass' as const };
    return { kind: 'done' as const };
  };

  /** One direction of one connection. */
  const lane = (random: Random, to: () => WebSocket, cut: () => void) => {
    let held: string | undefined;
    let stalledUntil = 0;
    let queue: string[] = [];
    const pass = (text: string) => {
      if (to().readyState !== WebSocket.OPEN) return;
      counts.passed++;
      to().send(text);
    };
    const release = () => {
      if (held !== undefined) pass(held);
      held = undefined;
    };
    const take = (text: string) => {
      const fate = mistreat(random, text, pass, cut);
      if (fate.kind === 'hold') {
        release();
        held = text;
        setTimeout(release, MAX_HOLD_MS);
        return;
      }
      if (fate.kind === 'stall') {
        stalledUntil = Date.now() + fate.ms;
        queue = [text];
        setTimeout(() => {
          stalledUntil = 0;
          for (const one of queue.splice(0)) pass(one);
        }, fate.ms);
        return;
      }
      if (fate.kind === 'pass') pass(text);
      release();
    };
    return (text: string) => {
      if (stalledUntil > 0) queue.push(text);
      else take(text);
    };
  };

  sockets.on('connection', (near: WebSocket, request: IncomingMessage) => {
    const connection = connections++;
    const url = new URL(request.url ?? '/', target().replace(/^http/, 'ws'));
    const far = new WebSocket(url, { perMessageDeflate: false });
    const end = () => {
      ends.delete(end);
      near.terminate();
      far.terminate();
    };
    ends.add(end);
    const early: string[] = [];
    const up = lane(createRandom(seed * 1_000_003 + connection * 2), () => far, end);
    const down = lane(createRandom(seed * 1_000_003 + connection * 2 + 1), () => near, end);
    near.on('message', data =>
      far.readyState === WebSocket.OPEN ? up(String(data)) : early.push(String(data)),
    );
    far.on('open', () => {
      for (const text of early.splice(0)) up(text);
    });
    far.on('message', data => down(String(data)));
    for (const socket of [near, far]) socket.on('close', end).on('error', end);
  });

  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    counts,
    calm: () => {
      isCalm = true;
    },
    cutAll: () => {
      for (const end of [...ends]) end();
    },
    close: () => {
      for (const end of [...ends]) end();
      sockets.close();
      return new Promise(resolve => http.close(() => resolve()));
    },
  };
}
