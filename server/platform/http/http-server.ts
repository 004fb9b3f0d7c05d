import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import fastifyCookie from '@fastify/cookie';
import fastifyMultipart from '@fastify/multipart';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { AppError } from '../../../common/errors.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import { type Logger, requestScope } from '../log.ts';
import { describeApi } from './describe-api.ts';
import { addDrain } from './drain.ts';
import { dropRest } from './drop-rest.ts';
import { toAppError } from './error-answer.ts';
import { createHostPolicy, type HostPolicy } from './host-check.ts';
import { serveUi } from './serve-ui.ts';
import { readTlsFiles, watchTlsFiles } from './tls-files.ts';

/** What a browser may load and reach: only what this server itself serves. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Given to a server as it is made, and not set later: it would load compilers of JSON schemas first. */
const compilers = {
  schemaController: {
    compilersFactory: {
      buildValidator: () => onFirstUse(validatorCompiler),
      buildSerializer: () => onFirstUse(serializerCompiler),
    },
  },
};

export type HttpApp = FastifyInstance;

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Folder of the built UI; left out where there is none. */
  readonly uiFolder: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Files of its certificate; without them it speaks no TLS. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  readonly trustedProxies?: readonly string[];
}

/** The HTTP side of the engine before it listens: rooms add their routes to `app`. */
export interface HttpServer {
  readonly app: HttpApp;
  /** Checks a WebSocket upgrade as strictly as a request. */
  isAllowedUpgrade(request: IncomingMessage): boolean;
  /** Listens; resolves with the address. @throws AppError `network.port-in-use`. */
  listen(): Promise<{ url: string; port: number }>;
  /** Takes no new requests and waits for the answers of those that are under way, 15 s at most. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Fastify with the checks that hold on every route, the error answers, the API description and the UI. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, port, allowedHosts, allowedOrigins, uiFolder, version, log } = options;
  const { tlsCert, tlsKey, trustedProxies = [] } = options;
  const tls = tlsCert !== undefined && tlsKey !== undefined ? { cert: tlsCert, key: tlsKey } : undefined;
  const app = Fastify({
    // The type of the instance does not depend on it.
    ...((tls ? { https: readTlsFiles(tls) } : {}) as object),
    ...(compilers as object),
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    loggerInstance: log.child(
      { part: 'http' },
      // A line for each request is for looking into something.
      { level: log.level === 'info' ? 'warn' : log.level },
    ) as FastifyBaseLogger,
    bodyLimit: 8 * 1024 * 1024,
    // A large model on a slow line takes hours; a line on which nothing moves is cut after two minutes.
    requestTimeout: 6 * 3_600_000,
    connectionTimeout: 120_000,
    forceCloseConnections: true,
    genReqId: () => newId('req'),
    // Every line of a request carries its id already.
    childLoggerFactory: (logger, { reqId: _, ...bindings }, options) => logger.child(bindings, options),
    // Contracts tell no call by HEAD.
    exposeHeadRoutes: false,
  });

  const drain = addDrain(app);
  let stopWatching = () => {};
  let policy: HostPolicy | undefined;
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id);
    requestScope.run(request.id, next);
  });
  app.addHook('onRequest', async (request, reply) => {
    checkHostAndOrigin(policy, request.headers.host, request.headers.origin);
    answerHeaders(request, reply, allowedOrigins);
    if (request.method === 'OPTIONS') return reply.code(204).send();
  });
  app.setErrorHandler((error, request, reply) => {
    const known = toAppError(error);
    // A client that left in the middle of its upload cancelled it: that is no fault of anybody.
    const hasLeft = request.raw.destroyed && !request.raw.complete;
    if (known.kind === 'bug' && !hasLeft) request.log.error({ err: error }, 'unexpected error');
    dropRest(request.raw);
    const { retryAfterSeconds } = (known.details ?? {}) as { retryAfterSeconds?: number };
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    return reply.code(known.httpStatus).send({ error: { ...known.toBody(), requestId: request.id } });
  });

  await app.register(fastifyCookie);
  await app.register(fastifyMultipart, {
    // The registry knows how large a model may be, and says so.
    limits: { fileSize: Number.POSITIVE_INFINITY, files: 1, fields: 4, fieldSize: 1024 ** 2 },
  });
  describeApi(app, version);
  if (uiFolder !== undefined && existsSync(uiFolder)) serveUi(app, uiFolder, notFound);
  else app.setNotFoundHandler(request => notFound(request));

  return {
    app: app.withTypeProvider<ZodTypeProvider>() as unknown as HttpApp,
    isAllowedUpgrade: request =>
      (policy?.isAllowedHost(request.headers.host) ?? false) &&
      (policy?.isAllowedOrigin(request.headers.origin) ?? false),
    listen: async () => {
      await listenOn(app, host, port);
      const address = app.server.address() as AddressInfo;
      const shownHost = isIPv6(host) ? `[${host}]` : host;
      policy = createHostPolicy({
        port: address.port,
        secure: tls !== undefined,
        extraHosts: [`${shownHost}:${address.port}`, ...allowedHosts],
        extraOrigins: allowedOrigins,
      });
      if (tls) {
        const server = app.server as unknown as TlsServer;
        stopWatching = watchTlsFiles(
          tls,
          context => {
            server.setSecureContext(context);
            log.warn({ cert: tls.cert }, 'the certificate was read anew');
          },
          error => log.error({ err: error }, 'the changed certificate cannot be used; the present one stays'),
        );
      }
      return { url: `${tls ? 'https' : 'http'}://${shownHost}:${address.port}`, port: address.port };
    },
    drain: () => drain.begin(),
    close: async () => {
      stopWatching();
      await app.close();
    },
  };
}

function checkHostAndOrigin(
  policy: HostPolicy | undefined,
  host: string | undefined,
  origin: string | undefined,
): void {
  if (!policy?.isAllowedHost(host)) {
    throw new AppError('access.origin-refused', `This server does not answer to the host "${host ?? ''}".`);
  }
  if (!policy.isAllowedOrigin(origin)) {
    throw new AppError('access.origin-refused', `Pages of "${origin}" may not call this server.`);
  }
}

function answerHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  allowedOrigins: readonly string[],
): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
  reply.header('cross-origin-opener-policy', 'same-origin');
  // Browsers remember it for the name: on localhost that would be for other programs, too.
  if (request.protocol === 'https' && !/^localhost(:|$)/.test(request.headers.host ?? ''))
    reply.header('strict-transport-security', 'max-age=31536000');
  // The description's page brings a policy of its own.
  if (!request.url.startsWith('/api/docs')) reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  const { origin } = request.headers;
  if (origin !== undefined && allowedOrigins.includes(origin)) {
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', 'x-request-id, retry-after');
    reply.header('access-control-allow-headers', 'authorization, content-type');
    reply.header('access-control-allow-methods', 'GET, POST, DELETE');
    reply.header('vary', 'origin');
  }
}

function notFound(request: FastifyRequest): never {
  throw new AppError(
    'resource.not-found',
    `There is nothing at ${request.method} ${request.url.split('?')[0]}.`,
    {
      hint: 'The calls of this API are listed at /api/docs.',
    },
  );
}

async function listenOn(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new AppError('network.port-in-use', `Port ${port} on ${host} is in use by another program.`, {
        cause,
      });
    }
    if (code === 'EACCES') {
      throw new AppError('network.port-in-use', `This user may not listen on port ${port} of ${host}.`, {
        cause,
        hint: 'Choose a port above 1023 with --port.',
      });
    }
    throw cause;
  }
}

/** A start reads no schema of a route; its first request does. */
function onFirstUse<Route, Data, Result>(
  compile: (route: Route) => (data: Data) => Result,
): (route: Route) => (data: Data) => Result {
  return route => {
    let compiled: ((data: Data) => Result) | undefined;
    return data => {
      compiled ??= compile(route);
      return compiled(data);
    };
  };
}
