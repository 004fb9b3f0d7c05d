import { errorText } from '../log.ts';
import { certificateTrouble } from './certificate-trouble.ts';
import { ProxyTrouble } from './tunnel.ts';

/** Why the server could not be reached. */
export interface Trouble {
  readonly reason: string;
  /** Trying again changes nothing until somebody changes a setting. */
  readonly needsSetting: boolean;
}

/** What a failed call or connection means, in words that hold no secret. */
export function explainTrouble(error: unknown): Trouble {
  // Socket.IO says "websocket error" and keeps what happened in the event that it got.
  const inner = (error as { description?: { error?: unknown } }).description?.error;
  const cause = inner ?? error;
  if (cause instanceof ProxyTrouble) {
    return { reason: cause.message, needsSetting: cause.needsSetting };
  }
  const reason = certificateTrouble(cause);
  if (reason !== undefined) return { reason, needsSetting: true };
  return { reason: errorText(cause), needsSetting: false };
}
