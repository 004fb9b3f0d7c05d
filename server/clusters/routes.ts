import { api } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { AgentIdentity, Routes } from '../platform/index.ts';
import type { Clusters } from './create-clusters.ts';
import { servePoll } from './serve-poll.ts';

/** Clusters for people, enrolment, and the agent's calls over plain requests. */
export function addClusterRoutes(routes: Routes, clusters: Clusters): void {
  routes.add(api.clusters.listClusters, async () => ({ clusters: clusters.summaries() }));
  routes.add(api.clusters.getCluster, async ({ params }) => clusters.view(params.id));
  routes.add(api.clusterParts.listPods, async ({ params, query }) => clusters.pods(params.id, query));
  routes.add(api.clusterParts.listWorkloads, async ({ params, query }) =>
    clusters.workloads(params.id, query),
  );
  routes.add(api.clusterParts.listEvents, async ({ params, query: { limit, before } }) => {
    const rows = await clusters.events(params.id, limit, before);
    return { rows, next: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) };
  });
  routes.add(api.clusterParts.listTasks, async ({ params, query: { limit, before } }) => {
    const rows = await clusters.tasks(params.id, limit, before);
    return { rows, next: rows.length < limit ? null : (rows.at(-1)?.epoch ?? null) };
  });
  routes.add(api.clusters.createJoinToken, async ({ body }) =>
    clusters.createJoinToken(body.clusterName, body.replicas),
  );
  routes.add(api.clusters.revokeAgent, async ({ params }) => {
    await clusters.revoke(params.id);
    return { ok: true as const };
  });
  routes.add(api.clusters.rotateAgentKey, async ({ params }) => {
    await clusters.rotateKey(params.id);
    return { ok: true as const };
  });
  routes.add(api.clusters.enrol, async ({ body }) => clusters.enrol(body));

  routes.add(api.tasks.pollTasks, async ({ agent, query, request, reply }) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return servePoll(
      clusters,
      { ...known(agent), key: keyOf(request.headers.authorization) },
      query,
      gone.signal,
    );
  });
  routes.add(api.tasks.reportTask, async ({ agent, params, body }) => {
    if (body.taskId !== params.id) {
      throw new AppError(
        'input.invalid',
        `The address names task "${params.id}", the body "${body.taskId}".`,
      );
    }
    await clusters.agents.receiveResult(known(agent), body);
    return { ok: true as const };
  });
  routes.add(api.tasks.sendMetrics, async ({ agent, body }) => clusters.agents.receive(known(agent), body));
  routes.add(api.tasks.sendEvents, async ({ agent, body }) => clusters.agents.receive(known(agent), body));
}

function known(agent: AgentIdentity | undefined): AgentIdentity {
  if (!agent) throw new AppError('access.unauthenticated', 'This call needs the key of an agent.');
  return agent;
}

/** The key in `Bearer <agentId>.<key>`. */
function keyOf(header: string | undefined): string {
  return header?.slice(header.indexOf('.') + 1).trim() ?? '';
}
