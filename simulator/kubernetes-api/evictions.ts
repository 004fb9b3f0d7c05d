import type { PretendCluster } from '../cluster/index.ts';
import { evictPod } from '../cluster/index.ts';
import type { ApiRequest } from './api-request.ts';
import { badRequest, failure, notFound, StatusAnswer, success } from './status.ts';

interface EvictionBody {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly deleteOptions?: {
    readonly dryRun?: readonly string[];
    readonly gracePeriodSeconds?: number;
    readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  };
}

const POD = { resource: 'pods', group: '' };

/** POST pods/NAME/eviction: the 201 body, or a thrown answer with the code that a real API server gives. */
export function answerEviction(
  cluster: PretendCluster,
  namespace: string,
  name: string,
  request: ApiRequest,
): object {
  const body = (request.body ?? {}) as EvictionBody;
  if (body.kind !== 'Eviction')
    throw badRequest(`not an Eviction object: ${JSON.stringify(body.kind ?? null)}`);
  if (body.metadata?.name !== undefined && body.metadata.name !== name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const options = body.deleteOptions ?? {};
  const outcome = evictPod(cluster.store, {
    namespace,
    name,
    dryRun: request.query.getAll('dryRun').includes('All') || (options.dryRun ?? []).includes('All'),
    nowMs: cluster.nowMs(),
    ...(options.preconditions?.uid === undefined ? {} : { uid: options.preconditions.uid }),
    ...(options.preconditions?.resourceVersion === undefined
      ? {}
      : { resourceVersion: options.preconditions.resourceVersion }),
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
  });
  switch (outcome.kind) {
    case 'evicted':
      return success(201);
    case 'not-found':
      throw notFound(POD, name);
    case 'conflict':
      throw new StatusAnswer(409, failure(409, 'Conflict', outcome.message, { name, kind: 'pods' }));
    case 'several-budgets':
      throw new StatusAnswer(
        500,
        failure(
          500,
          undefined,
          'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        ),
      );
    case 'budget-not-observed':
      throw tooMany(
        `The disruption budget ${outcome.budget.metadata.name} is still being processed by the server.`,
        10,
      );
    case 'budget-exhausted': {
      const { metadata, status } = outcome.budget;
      throw tooMany(
        `The disruption budget ${metadata.name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`,
      );
    }
  }
}

function tooMany(message: string, retryAfterSeconds?: number): StatusAnswer {
  const details = {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  const headers = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  return new StatusAnswer(429, failure(429, 'TooManyRequests', text, details), headers);
}
