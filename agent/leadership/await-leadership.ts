import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText } from '../log.ts';
import { pause } from '../pause.ts';
import { type HeldLease, LeaderLease } from './leader-lease.ts';
import { type LeadershipOptions, leaseRequestMs } from './leadership-options.ts';
import { type LeaseObject, leasePath, leasesPath, microTime } from './lease-object.ts';
import { LeaseSight } from './lease-sight.ts';

/** On the Lease: a number that grows with each leader. Beside `leaseTransitions`, because that starts anew when the Lease is deleted. */
const epochAnnotation = 'cloudoptim.io/leader-epoch';

/**
 * Waits until this process leads: makes the Lease, or takes it when it was given up or ran out, with its resourceVersion as
 * the condition, so that of several replicas one succeeds. `undefined` when `signal` aborted before.
 */
export async function awaitLeadership(options: LeadershipOptions): Promise<LeaderLease | undefined> {
  const { log, times, random, signal } = options;
  const sight = new LeaseSight(times.durationMs);
  let said = '';
  while (!signal.aborted) {
    const outcome = await tryToTake(options, sight);
    if (typeof outcome !== 'string') return new LeaderLease(options, outcome);
    if (outcome !== said) log.info(outcome);
    said = outcome;
    await pause(times.retryMs * (1 + 0.2 * random()), signal);
  }
  return undefined;
}

/** The lease that is held now, or why it is not, in words. */
async function tryToTake(options: LeadershipOptions, sight: LeaseSight): Promise<HeldLease | string> {
  const { api, lease, times, identity, now, monotonicMs } = options;
  const name = `${lease.namespace}/${lease.name}`;
  const soon = () => AbortSignal.timeout(leaseRequestMs);
  try {
    const read = await api.call({ method: 'GET', path: leasePath(lease), signal: soon() });
    if (read.code !== 200 && read.code !== 404) return `Lease ${name} cannot be read: ${statusMessage(read)}`;
    const seen = read.code === 200 ? (read.body as LeaseObject) : undefined;
    if (seen) {
      sight.see(seen, monotonicMs());
      if (!sight.isFree(monotonicMs())) return `Waits: ${seen.spec?.holderIdentity} leads by Lease ${name}.`;
    }
    const before = Number(seen?.metadata?.annotations?.[epochAnnotation] ?? 0);
    // Seconds of the day keep it growing when the Lease was deleted and nobody knows the number before.
    const epoch = Math.max(before + 1, Math.floor(now() / 1000));
    const at = microTime(now());
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: times.durationMs / 1000,
      acquireTime: at,
      renewTime: at,
      leaseTransitions: seen ? (seen.spec?.leaseTransitions ?? 0) + 1 : 0,
    };
    const annotations = { [epochAnnotation]: String(epoch) };
    const sentAtMs = monotonicMs();
    const answer = seen
      ? await api.call({
          method: 'PATCH',
          path: leasePath(lease),
          contentType: 'application/merge-patch+json',
          body: { metadata: { resourceVersion: seen.metadata?.resourceVersion, annotations }, spec },
          signal: soon(),
        })
      : await api.call({
          method: 'POST',
          path: leasesPath(lease),
          body: {
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            metadata: { ...lease, annotations },
            spec,
          },
          signal: soon(),
        });
    if (answer.code === 409) return `Another replica took Lease ${name} first.`;
    if (answer.code !== 200 && answer.code !== 201)
      return `Lease ${name} cannot be taken: ${statusMessage(answer)}`;
    return { epoch, object: answer.body as LeaseObject, sentAtMs };
  } catch (error) {
    return `Lease ${name} cannot be reached: ${errorText(error)}`;
  }
}
