import type { IncomingMessage } from 'node:http';

/** Whoever sends more than this after a refusal is cut off. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Reads what is left of a body that nobody wants and drops it: its connection could serve no other request before, and a client that
 * still sends would never read the refusal.
 */
export function dropRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let bytes = 0;
  request.unpipe();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) request.destroy();
  });
  request.resume();
}
