import type { FastifyInstance } from 'fastify';

/** Longer requests are cut; what they were about is undone or goes on at the next start. */
const DRAIN_MS = 15_000;

/** Lets a server end without cutting whoever is being answered. */
export interface Drain {
  /** Takes no new connections; resolves when every request has its answer, at the latest after 15 s. */
  begin(): Promise<void>;
}

/** Counts the requests that a server is answering. */
export function addDrain(app: FastifyInstance, deadlineMs = DRAIN_MS): Drain {
  const open = new Set<string>();
  let isDraining = false;
  let idle = () => {};
  const leave = (id: string) => {
    open.delete(id);
    if (open.size === 0) idle();
  };
  app.addHook('onRequest', async (request, reply) => {
    open.add(request.id);
    // A client that keeps its connection would never let go of it.
    if (isDraining) reply.header('connection', 'close');
    reply.raw.once('close', () => leave(request.id));
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining) reply.header('connection', 'close');
  });
  return {
    begin: async () => {
      isDraining = true;
      if (!app.server.listening) return;
      app.server.close();
      app.server.closeIdleConnections();
      if (open.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      idle = resolve;
      const timer = setTimeout(resolve, deadlineMs);
      await promise;
      clearTimeout(timer);
    },
  };
}
