import { errorText } from '../log.ts';
import { ProxyTrouble } from './tunnel.ts';

/** Why the server could not be reached. */
export interface Trouble {
  readonly reason: string;
  /** Trying again changes nothing until somebody changes a setting. */
  readonly needsSetting: boolean;
}

/** Codes of OpenSSL for a chain that ends at nobody who is trusted here. */
const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** What a failed call or connection means, in words that hold no secret. */
export function explainTrouble(error: unknown): Trouble {
  // Socket.IO says "websocket error" and keeps what happened in the event that it got.
  const inner = (error as { description?: { error?: unknown } }).description?.error;
  const cause = inner ?? error;
  if (cause instanceof ProxyTrouble) {
    const { status, message } = cause;
    return { reason: message, needsSetting: status !== undefined && status < 500 };
  }
  const code = (cause as { code?: unknown }).code;
  if (typeof code === 'string' && untrusted.has(code)) {
    const reason = `its certificate is signed by nobody whom this machine trusts (${code}): name the PEM file of its authority with --ca`;
    return { reason, needsSetting: true };
  }
  return { reason: errorText(cause), needsSetting: false };
}
