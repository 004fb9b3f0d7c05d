import { createServer, type Server } from 'node:http';
import { AgentStop } from './agent-stop.ts';
import { errorText } from './log.ts';

/** What `GET /healthz` answers: 200 while the agent works, connected or not, with these facts. */
export interface HealthFacts {
  /** Of several replicas the one that works; an agent that is alone does. */
  readonly leads: boolean;
  readonly connected: boolean;
  /** What carries the connection: `websocket`, `http` for plain requests, `null` while there is none. */
  readonly transport: 'websocket' | 'http' | null;
  readonly inventoryComplete: boolean;
  readonly outboxMessages: number;
  /** Where usage came from in the last round; null while it is unknown. */
  readonly usageFrom: string | null;
  readonly droppedMessages: Readonly<Record<string, number>>;
}

/** Serves `GET /healthz` on 127.0.0.1 only; port 0 takes a free one. Throws `AgentStop` when the port is taken. */
export async function serveHealth(
  port: number,
  facts: () => HealthFacts,
): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/healthz';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? JSON.stringify(facts()) : '');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(
        new AgentStop(2, `The health port ${port} cannot be used (${errorText(error)}); choose another one.`),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : port, server };
}
