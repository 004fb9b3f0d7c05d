import type { LiveDelta, SubscribeAnswer } from '../../../common/live-topics.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import { createHttpServer } from '../http/http-server.ts';
import { createSocketServer } from '../http/socket-server.ts';
import { type LiveAccess, serveLive } from '../live/live-socket.ts';
import type { Logger } from '../log.ts';
import { joinRooms } from './cut-revoked.ts';
import { addFollowerRoutes } from './follower-routes.ts';
import { LeaderLink } from './leader-link.ts';
import { ACTOR_PATH, actorAnswer, LIVE_PATH, REPLICA_NAMESPACE } from './leader-messages.ts';
import type { LeaderWatch } from './leader-watch.ts';
import { RedisLine } from './redis-line.ts';
import { RelayedHub } from './relayed-hub.ts';
import type { ReplicaTrust } from './replica-trust.ts';
import { refuseClients } from './serve-followers.ts';

/** A replica that follows: it serves whoever comes, and has a leader do the work. */
export interface Follower {
  readonly url: string;
  readonly port: number;
  /** Frees the port and lets dashboards and agents go; what it was asked it still passes on to the next leader. */
  leave(): void;
  /** Answers what it was asked, then ends. */
  close(): Promise<void>;
}

/** @throws AppError `network.port-in-use`, `config.invalid` for its certificate */
export async function createFollower(options: {
  readonly settings: Settings & { readonly redisUrl: string };
  readonly port: number;
  readonly uiFolder: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly watch: LeaderWatch;
  readonly trust: ReplicaTrust;
}): Promise<Follower> {
  const { settings, port, uiFolder, version, clock, log, watch, trust } = options;
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  // Only now: an engine that is alone does without what they need.
  const [{ passOn }, { bridgeAgents }] = await Promise.all([
    import('./pass-on.ts'),
    import('./bridge-agents.ts'),
  ]);
  try {
    const link = new LeaderLink(watch, trust, settings);
    closing.push(() => link.close());
    const http = await createHttpServer({
      ...settings,
      port,
      uiFolder,
      version,
      clock,
      log,
      trust,
      passesOn: true,
    });
    closing.push(() => http.close());
    const line = await RedisLine.open(settings.redisUrl, trust.name, log);
    const sockets = await createSocketServer(http, line.adapter);
    sockets.attach(http.app.server);
    closing.push(() => line.close(sockets));
    const hub = new RelayedHub(
      async looks => (await link.ask('POST', LIVE_PATH, { looks })) as SubscribeAnswer[],
      () => line.isUp,
      log,
    );
    closing.push(() => hub.close());
    const access = accessOf(link);
    addFollowerRoutes(http.app, { link, access, line, version });
    passOn(http.app, link);
    refuseClients(sockets);
    sockets.of(REPLICA_NAMESPACE).on('deltas', (batch: LiveDelta[]) => hub.receive(batch));
    link.onChange(leader => {
      if (leader) void hub.catchUp();
    });
    const live = sockets.of('/live');
    serveLive({ namespace: live, hub, access, cookieName: () => trust.cookieName, log });
    joinRooms(live);
    bridgeAgents(sockets.of('/agent'), link, log);
    let drained: Promise<void> | undefined;
    const leave = () => {
      drained ??= http.drain();
      // The transports, so that clients see a line that broke and come again.
      sockets.engine.close();
    };
    closing.push(() => {
      leave();
      return drained;
    });
    return { ...(await http.listen()), leave, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Who somebody is, the leader knows; what is revoked, it tells by cutting. */
function accessOf(link: LeaderLink): LiveAccess {
  const ask = async (question: object) =>
    actorAnswer.parse(await link.ask('POST', ACTOR_PATH, question)).actor ?? undefined;
  return {
    actorOfToken: token => ask({ token }) as ReturnType<LiveAccess['actorOfToken']>,
    actorOfSession: session => ask({ session }) as ReturnType<LiveAccess['actorOfSession']>,
    onRevoked: () => undefined,
  };
}
