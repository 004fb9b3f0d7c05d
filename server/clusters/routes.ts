import { api } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { AgentIdentity, Routes } from '../platform/index.ts';
import type { Clusters } from './create-clusters.ts';

/** Clusters for people, enrolment, and the agent's calls over plain requests. */
export function addClusterRoutes(routes: Routes, clusters: Clusters): void {
  routes.add(api.clusters.listClusters, async () => ({ clusters: clusters.summaries() }));
  routes.add(api.clusters.getCluster, async ({ params }) => clusters.view(params.id));
  routes.add(api.clusters.createJoinToken, async ({ body }) =>
    clusters.createJoinToken(body.clusterName, body.replicas),
  );
  routes.add(api.clusters.revokeAgent, async ({ params }) => {
    await clusters.revoke(params.id);
    return { ok: true as const };
  });
  routes.add(api.clusters.enrol, async ({ body }) => clusters.enrol(body));

  routes.add(api.tasks.pollTasks, async ({ agent }) => clusters.agents.poll(known(agent)));
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
