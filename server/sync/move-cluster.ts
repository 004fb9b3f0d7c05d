import { peers } from '../../common/contracts/peers.ts';
import { AppError } from '../../common/errors.ts';
import type { Clusters } from '../clusters/index.ts';
import type { Decisions } from '../decisions/index.ts';
import type { PeerLink } from './peer-link.ts';

/** What moving clusters needs of this engine. */
export interface HomesOfClusters {
  readonly clusters: Pick<Clusters, 'homes' | 'createJoinToken'>;
  readonly decisions: Pick<Decisions, 'plans'>;
}

/** Where the agent of a cluster that has moved is to be enrolled, and the token for it. */
export interface MovedCluster {
  readonly token: string;
  readonly expiresAt: number;
  readonly clusterName: string;
  /** `null`: the address of this engine. */
  readonly serverUrl: string | null;
}

const UNDER_WAY = ['approved', 'running', 'stopping'];
const MOST_PLANS = 1_000;

/**
 * Moves a cluster to the server, or back. Its home leaves it first, and the keys of its agent end with that, so that two engines never act on it; the
 * other takes it then. When the second step is cut off nobody acts, and the same call again goes on there.
 * @throws AppError `resource.not-found`; `resource.conflict` while plans are under way, or where the cluster moved on meanwhile; `sync.…`
 */
export async function moveCluster(
  run: HomesOfClusters & {
    readonly link: PeerLink;
    readonly server: { readonly engineId: string; readonly name: string; readonly url: string };
  },
  clusterId: string,
  to: 'server' | 'here',
): Promise<MovedCluster> {
  const { link, server } = run;
  const { homes } = run.clusters;
  const home = await homes.of(clusterId);
  const params = { id: clusterId };
  if (to === 'server') {
    const isLeft = home.movedTo?.engineId === server.engineId;
    if (!isLeft) await demandIdle(run, clusterId);
    const epoch = isLeft ? home.epoch : home.epoch + 1;
    await homes.leave(clusterId, { engineId: server.engineId, name: server.name }, epoch);
    const body = { name: home.name, epoch, taskEpoch: home.taskEpoch };
    const token = await link.call(peers.takeCluster, { params, body });
    return { ...token, serverUrl: server.url };
  }
  if (home.movedTo) {
    const epoch = home.epoch + 1;
    const { taskEpoch } = await link.call(peers.leaveCluster, { params, body: { epoch } });
    await homes.take({ id: clusterId, name: home.name, taskEpoch, from: server.engineId }, epoch);
  }
  return { ...(await run.clusters.createJoinToken(home.name)), serverUrl: null };
}

/** @throws AppError `resource.conflict` while a plan of the cluster is approved or runs */
export async function demandIdle({ decisions }: HomesOfClusters, clusterId: string): Promise<void> {
  const plans = await decisions.plans({ clusterId, limit: MOST_PLANS });
  const open = plans.find(({ state }) => UNDER_WAY.includes(state));
  if (!open) return;
  throw new AppError('resource.conflict', `The plan "${open.title}" of this cluster is ${open.state}.`, {
    hint: 'Wait until it has ended, or stop it; then move the cluster.',
  });
}
