import replyFrom from '@fastify/reply-from';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpApp } from '../http/http-server.ts';
import { answerLost, type LeaderLink, notReached } from './leader-link.ts';
import type { Leader } from './leader-watch.ts';
import { ReplicaTrust } from './replica-trust.ts';

/** A large model on a slow line takes hours; the leader has limits of its own. */
const LONGEST_MS = 6 * 3_600_000;

/**
 * Passes everything under `/api/` to the leader: bodies and answers as they stream, with the id of the request, and the
 * address of the client as this replica sees it. A request that did not reach a leader is answered with
 * `replica.no-leader`, one that reached it and got no answer with `replica.answer-lost`; nothing is sent twice but reading.
 */
export function passOn(app: HttpApp, link: LeaderLink): void {
  app.register((scope, _options, done) => {
    // Bodies go through unread.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    scope.register(replyFrom, {
      disableCache: true,
      disableRequestLogging: true,
      retryMethods: [],
      http: {
        agents: link.agents,
        requestOptions: { timeout: LONGEST_MS, rejectUnauthorized: true },
      },
    });
    scope.all('/api/*', { schema: { hide: true } }, async (request, reply) => {
      await send(request, reply, link, await link.leader(), request.method === 'GET' ? 1 : 0);
      return reply;
    });
    done();
  });
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  link: LeaderLink,
  leader: Leader,
  triesLeft: number,
): Promise<void> {
  reply.from(leader.url + request.url.split('?')[0], {
    rewriteRequestHeaders: (_request, headers) => ({
      ...ReplicaTrust.strip(headers),
      // As the browser gave it.
      host: request.headers.host,
      'x-request-id': request.id,
      ...link.trust.headers({ address: request.ip, protocol: request.protocol }),
    }),
    onError: (_reply, { error }) => {
      const cause = rootOf(error);
      if (reply.raw.destroyed || reply.sent) return;
      void (async () => {
        // What was read of a body cannot be sent again.
        if (triesLeft === 0) throw isUnsent(cause) ? notReached(leader, cause) : answerLost(leader, cause);
        await link.replaced(leader);
        await send(request, reply, link, await link.leader(), triesLeft - 1);
      })().catch((problem: unknown) => reply.send(problem));
    },
  });
}

function rootOf(error: unknown): Error {
  let cause = error as Error;
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause;
}

/** Nothing of it left this machine. */
function isUnsent(cause: Error): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
    (cause as NodeJS.ErrnoException).code ?? '',
  );
}
