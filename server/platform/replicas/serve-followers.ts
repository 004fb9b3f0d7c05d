import type { Server } from 'socket.io';
import { AppError } from '../../../common/errors.ts';
import type { LiveDelta, SubscribeAnswer } from '../../../common/live-topics.ts';
import type { Access } from '../access/access.ts';
import type { HttpApp } from '../http/http-server.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { ACTOR_PATH, actorQuestion, LIVE_PATH, liveQuestion, REPLICA_NAMESPACE } from './leader-messages.ts';
import type { RedisLine } from './redis-line.ts';
import type { TopicLook } from './relayed-hub.ts';
import type { ReplicaTrust } from './replica-trust.ts';

/** A topic that no follower asked for in this time is not sent to them any more; they ask every ten seconds. */
const FORGET_MS = 60_000;

/**
 * What a leader does for the replicas that follow: answers who somebody is and how live topics stand, and sends the deltas of
 * what they watch over Redis. One batch is under way at a time; while Redis is slow or away the rest is merged by key.
 * @returns ends the sending
 */
export function serveFollowers(parts: {
  readonly app: HttpApp;
  readonly sockets: Server;
  readonly hub: LiveHub;
  readonly access: Access;
  readonly trust: ReplicaTrust;
  readonly line: RedisLine;
}): () => void {
  const { app, sockets, hub, access, trust, line } = parts;
  const namespace = sockets.of(REPLICA_NAMESPACE);
  refuseClients(sockets);
  const relay = hub.connect(async (batch: LiveDelta[]) => {
    namespace.serverSideEmit('deltas', batch);
    await line.taken();
  });
  const askedAt = new Map<string, number>();
  const forgetting = setInterval(() => {
    for (const [topic, at] of askedAt) {
      if (performance.now() - at < FORGET_MS) continue;
      askedAt.delete(topic);
      relay.end(topic);
    }
  }, FORGET_MS / 4);

  const look = async (request: TopicLook): Promise<SubscribeAnswer> => {
    if (!askedAt.has(request.topic)) {
      const begun = await hub.subscribe(relay, { topic: request.topic });
      if (!begun.ok) return begun;
    }
    askedAt.set(request.topic, performance.now());
    const once = hub.connect(async () => undefined);
    const answer = await hub.subscribe(once, request);
    once.close();
    return answer;
  };

  app.post(LIVE_PATH, { schema: { hide: true }, bodyLimit: 32 * 1024 ** 2 }, async request => {
    demandReplica(trust.knows(request.raw));
    const answers: SubscribeAnswer[] = [];
    for (const one of liveQuestion.parse(request.body).looks) answers.push(await look(one as TopicLook));
    return answers;
  });
  app.post(ACTOR_PATH, { schema: { hide: true } }, async request => {
    demandReplica(trust.knows(request.raw));
    const question = actorQuestion.parse(request.body);
    const actor =
      'token' in question
        ? await access.actorOfToken(question.token)
        : await access.actorOfSession(question.session);
    return { actor: actor ?? null };
  });
  return () => {
    clearInterval(forgetting);
    relay.close();
  };
}

/** The namespace is for servers. */
export function refuseClients(sockets: Server): void {
  sockets.of(REPLICA_NAMESPACE).use((_socket, next) => next(new Error('access.forbidden')));
}

function demandReplica(isKnown: boolean): void {
  if (!isKnown) throw new AppError('resource.not-found', 'There is nothing here for anybody but replicas.');
}
