/** What a parent asks its capped child. */
export interface ChildRequest {
  readonly id: number;
  readonly body: unknown;
}

/** What a capped child answers: a value, or why it will not. */
export type ChildAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };

/** File descriptors under which a child finds the pipe of its messages, and the one for what is no message. */
export const MESSAGES_FD = 3;
export const PIPE_FD = 4;

/** What became of a request to a child; a child's death is an outcome, not an exception. */
export type ChildOutcome<T = unknown> =
  | { readonly kind: 'answer'; readonly value: T }
  /** No answer within the deadline; the child was killed. */
  | { readonly kind: 'timed-out'; readonly deadlineMs: number }
  /** The child died by itself or by somebody's hand before it answered. */
  | { readonly kind: 'crashed'; readonly signal: string | null; readonly exitCode: number | null }
  /** What the child sent is no answer to what it was asked; it was killed. `message` says what is wrong with it. */
  | { readonly kind: 'malformed'; readonly message: string }
  /** The child lives and says why it cannot do this. */
  | { readonly kind: 'refused'; readonly message: string };

/** An outcome other than an answer, as the end of a sentence: `it was killed by SIGSEGV`. */
export function describeOutcome(outcome: Exclude<ChildOutcome, { kind: 'answer' }>): string {
  switch (outcome.kind) {
    case 'timed-out':
      return `it did not answer within ${outcome.deadlineMs / 1000} s and was ended`;
    case 'crashed':
      return outcome.signal === null
        ? `its process ended with exit code ${outcome.exitCode ?? 'unknown'}`
        : `its process was killed by ${outcome.signal}`;
    case 'malformed':
      return `it was ended because ${outcome.message}`;
    case 'refused':
      return outcome.message;
  }
}
