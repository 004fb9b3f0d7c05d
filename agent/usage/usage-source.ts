import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';

export type UsageReport = Extract<AgentMessageBody, { kind: 'usage' }>;

/** What a source tells of a moment. */
export type UsageAnswer =
  | { readonly ok: true; readonly report: UsageReport }
  /** `isAbsent`: it may come later, but not within seconds. */
  | { readonly ok: false; readonly trouble: string; readonly isAbsent: boolean };

/** Where the usage of nodes and pods comes from. */
export interface UsageSource {
  readonly name: 'metrics.k8s.io' | 'Prometheus';
  /** What is used now; never rejects. */
  read(signal: AbortSignal): Promise<UsageAnswer>;
}
