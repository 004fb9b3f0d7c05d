import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';

type Severity = Extract<AgentMessageBody, { kind: 'event' }>['severity'];

/** Which events of a cluster are told, and how much each matters. */
export interface NoticeKind {
  /** As Kubernetes selects them: nothing else of a busy cluster's events is read. */
  readonly fieldSelector: string;
  readonly object: 'Node' | 'Pod';
  readonly reasons: Readonly<Record<string, Severity>>;
}

/**
 * Events by their reasons. Of nodes: those of Karpenter (pkg/controllers/interruption/events), of the AWS Node Termination Handler
 * (pkg/observability/k8s-events.go), of the kubelet and the node problem detector where memory ran out. Of pods: those of the kubelet, the
 * scheduler and the taint manager that end a pod that nobody deleted.
 */
export const noticeKinds: readonly NoticeKind[] = [
  {
    fieldSelector: 'involvedObject.kind=Node',
    object: 'Node',
    reasons: {
      SpotInterrupted: 'warning',
      SpotRebalanceRecommendation: 'warning',
      InstanceStopping: 'warning',
      InstanceTerminating: 'warning',
      InstanceUnhealthy: 'warning',
      SpotInterruption: 'warning',
      RebalanceRecommendation: 'warning',
      ScheduledEvent: 'warning',
      ASGLifecycle: 'info',
      StateChange: 'info',
      SystemOOM: 'warning',
      OOMKilling: 'warning',
    },
  },
  ...(['Evicted', 'Preempted', 'TaintManagerEviction'] as const).map(
    (reason): NoticeKind => ({
      fieldSelector: `involvedObject.kind=Pod,reason=${reason}`,
      object: 'Pod',
      reasons: { [reason]: 'warning' },
    }),
  ),
];

/** Taints that the AWS Node Termination Handler sets, also where it writes no events, by the reasons of its events (pkg/node/node.go). */
export const noticeTaints: Readonly<Record<string, { readonly reason: string; readonly message: string }>> = {
  'aws-node-termination-handler/spot-itn': {
    reason: 'SpotInterruption',
    message: 'The termination handler tainted the node: AWS takes it away within two minutes.',
  },
  'aws-node-termination-handler/rebalance-recommendation': {
    reason: 'RebalanceRecommendation',
    message: 'The termination handler tainted the node: AWS sees a higher risk of interruption.',
  },
  'aws-node-termination-handler/asg-lifecycle-termination': {
    reason: 'ASGLifecycle',
    message: 'The termination handler tainted the node: its Auto Scaling group ends it.',
  },
  'aws-node-termination-handler/scheduled-maintenance': {
    reason: 'ScheduledEvent',
    message: 'The termination handler tainted the node: AWS has scheduled maintenance.',
  },
};
