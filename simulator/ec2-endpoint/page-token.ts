import { createHash } from 'node:crypto';
import { invalidParameterValue } from './ec2-error.ts';

/** Where the next page begins, and what every page of the walk has to agree on. Times in ms. */
export interface PageToken {
  /** Fingerprint of the pools and filters asked for: another question cannot use this token. */
  readonly question: string;
  readonly oldestMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Time and pool number of the last record handed out. */
  readonly afterMs: number;
  readonly afterPool: number;
  /** How far back the next page will look first: only a matter of speed. */
  readonly strideMs: number;
}

/** An opaque text with a checksum. The token carries all state, so the endpoint keeps none and pages never shift. */
export function writePageToken(token: PageToken): string {
  const body = JSON.stringify([
    token.question,
    token.oldestMs,
    token.startMs,
    token.endMs,
    token.afterMs,
    token.afterPool,
    token.strideMs,
  ]);
  return Buffer.from(`${fingerprint(body)}${body}`).toString('base64');
}

/** Reads a token for a question. Throws `InvalidParameterValue` when it was altered or belongs to another question. */
export function readPageToken(text: string, question: string): PageToken {
  const plain = Buffer.from(text, 'base64').toString('utf8');
  const body = plain.slice(16);
  if (fingerprint(body) !== plain.slice(0, 16)) throw invalidToken(text);
  const [asked, oldestMs, startMs, endMs, afterMs, afterPool, strideMs] = JSON.parse(body) as [
    string,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (asked !== question) throw invalidToken(text);
  return { question, oldestMs, startMs, endMs, afterMs, afterPool, strideMs };
}

/** 16 hexadecimal digits that stand for a text. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function invalidToken(text: string): Error {
  return invalidParameterValue(`Invalid value '${text.slice(0, 100)}' for nextToken.`);
}
