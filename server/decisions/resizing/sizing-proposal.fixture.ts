import type { InventoryPod } from '../../../common/agent-protocol/index.ts';
import type { SizingProposal } from '../../../common/contracts/index.ts';
import { GIB, podOn } from '../small-cluster.fixture.ts';

const now = { cpuRequestMilli: 500, memoryRequestBytes: GIB, cpuLimitMilli: 1000, memoryLimitBytes: GIB };

/** A pod of Deployment shop/web whose one container asks for 500 m (limit 1 core) and 1 GiB. */
export function sizedPod(nodeName: string, name: string, change: Partial<InventoryPod> = {}): InventoryPod {
  const requests = { cpuMilli: now.cpuRequestMilli, memoryBytes: now.memoryRequestBytes };
  const limits = { cpuMilli: now.cpuLimitMilli, memoryBytes: now.memoryLimitBytes };
  return podOn(nodeName, name, { containers: [{ name: 'app', requests, limits, startedAt: 0 }], ...change });
}

/** What rightsizing says of Deployment shop/web: 200 m (limit 400 m) and a quarter of the memory would do. */
export function webProposal(change: Partial<SizingProposal> = {}): SizingProposal {
  return {
    workload: { key: 'Deployment/shop/web', kind: 'Deployment', namespace: 'shop', name: 'web' },
    container: 'app',
    replicas: 2,
    replicasAfter: 2,
    now,
    recommended: {
      cpuRequestMilli: 200,
      memoryRequestBytes: GIB / 4,
      cpuLimitMilli: 400,
      memoryLimitBytes: GIB / 4,
    },
    savingMicroUsdPerHour: 30_000,
    podsWithUnknownPrice: 0,
    reasons: [{ code: 'cpu', text: 'It used 150 m.' }],
    evidence: { days: 14, weekendDays: 4, hours: 24, samples: 4_000, firstSeenAt: 0, lastSeenAt: 0 },
    confidence: 'high',
    automatic: true,
    used: {
      cpuTargetMilli: 150,
      cpuMaxMilli: 190,
      memoryMaxBytes: GIB / 5,
      startUpCpuMilli: null,
      startUpMemoryBytes: null,
      oomKills: 0,
    },
    ...change,
  };
}
