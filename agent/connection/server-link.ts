import type {
  AgentMessageBatch,
  AgentTask,
  BatchAnswer,
  Handshake,
  HandshakeRefusal,
} from '../../common/agent-protocol/index.ts';
import type { Trouble } from './explain-trouble.ts';
import type { ServerAccess } from './server-access.ts';

/** A live way to the server, whatever carries it. */
export interface ServerLink {
  readonly transport: 'websocket' | 'http';
  /** Sends a batch; resolves with what the server committed, rejects when that is not known. */
  send(batch: AgentMessageBatch): Promise<BatchAnswer>;
  /** Aborts when the link is of no use any more; the reason is a text. */
  readonly ended: AbortSignal;
  close(): void;
}

/** What the server says over a link. */
export interface LinkEvents {
  readonly onTask: (task: AgentTask) => void;
  /** A task that this version cannot read, so that it is refused rather than left open. */
  readonly onUnreadableTask: (taskId: string, epoch: number) => void;
  readonly onCancel: (taskId: string) => void;
  readonly onResync: () => void;
  /** Stores a new key; `false` when it could not. */
  readonly onKey: (key: string) => boolean;
}

/** What it takes to open a link. */
export interface DialOptions {
  readonly access: ServerAccess;
  /** What the agent says of itself, as it is now. */
  readonly hello: () => Handshake;
  readonly events: LinkEvents;
  readonly signal: AbortSignal;
  /** How long an attempt may take, in ms. */
  readonly patienceMs?: number;
}

/** What became of an attempt. */
export type Dialled =
  | { readonly link: ServerLink }
  | { readonly refusal: HandshakeRefusal; readonly message: string }
  | { readonly trouble: Trouble };
