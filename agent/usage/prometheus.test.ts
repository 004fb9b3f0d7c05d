import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import { prometheus } from './prometheus.ts';
import { reportUsage } from './report-usage.ts';
import type { UsageSource } from './usage-source.ts';

/** A server that answers the query API of Prometheus as its documentation has it; what it knows is in the hands of a test. */
let server: Server;
let queries: string[];
afterEach(() => new Promise(resolve => server.close(resolve)));

type Labels = Readonly<Record<string, string>>;
type Known = (query: string) => { code?: number; body: unknown };

async function serve(known: Known): Promise<string> {
  queries = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const query = url.searchParams.get('query') ?? '';
    queries.push(query);
    const { code = 200, body } =
      url.pathname === '/prefix/api/v1/query' ? known(query) : { code: 404, body: '' };
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
}

const vector = (...samples: [Labels, string][]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: samples.map(([metric, value]) => ({ metric, value: [1_790_000_000.123, value] })),
  },
});
const of = (pod: string, container: string): Labels => ({ namespace: 'shop', pod, container });
const isCpu = (query: string) => query.includes('container_cpu_usage_seconds_total');
const isNode = (query: string) => query.includes('id="/"');

/** Two containers, one that only has memory, and two nodes, one of them told without a label of its own. */
const whole: Known = query => {
  if (isNode(query))
    return {
      body: isCpu(query)
        ? vector([{ node: 'a', instance: '10.0.0.1:10250' }, '1.5'], [{ instance: 'b:10250' }, '0.25'])
        : vector([{ node: 'a', instance: '10.0.0.1:10250' }, '4e9'], [{ instance: 'b:10250' }, '2e9']),
    };
  return {
    body: isCpu(query)
      ? vector([of('web-1', 'web'), '0.2'], [of('web-1', 'proxy'), '0.05'], [of('odd', 'x'), 'NaN'])
      : vector([of('web-1', 'web'), '1000'], [of('web-1', 'proxy'), '24'], [of('odd', 'x'), '7']),
  };
};
const never = new AbortController().signal;
const read = (url: string) => prometheus(url, 2 ** 20).read(never);

it('folds containers into pods and nodes, and tells nothing of what it knows in part', async () => {
  const answer = await read(await serve(whole));
  expect(answer).toEqual({
    ok: true,
    report: {
      kind: 'usage',
      nodes: [
        { name: 'a', used: { cpuMilli: 1500, memoryBytes: 4e9 } },
        { name: 'b', used: { cpuMilli: 250, memoryBytes: 2e9 } },
      ],
      pods: [
        {
          namespace: 'shop',
          name: 'web-1',
          used: { cpuMilli: 250, memoryBytes: 1024 },
          containers: [
            { name: 'web', used: { cpuMilli: 200, memoryBytes: 1000 } },
            { name: 'proxy', used: { cpuMilli: 50, memoryBytes: 24 } },
          ],
        },
      ],
    },
  });
  expect(queries).toHaveLength(4);
  expect(queries.filter(query => query.includes('container_memory_working_set_bytes'))).toHaveLength(2);
  expect(queries.every(query => !query.includes('POD') || query.includes('container!="POD"'))).toBe(true);
});

it('says in words why it has nothing: its own error, no such series, something else, nobody there', async () => {
  const troubles: [Known, RegExp][] = [
    [
      () => ({ code: 422, body: { status: 'error', errorType: 'execution', error: 'query timed out' } }),
      /^query timed out$/,
    ],
    [
      () => ({ body: vector() }),
      /no container_cpu_usage_seconds_total of containers; let it scrape cAdvisor/,
    ],
    [() => ({ code: 502, body: '<html>' }), /^it answered 502 with something else than Prometheus does$/],
    [
      () => ({ body: { status: 'success', data: { resultType: 'scalar', result: [1, '1'] } } }),
      /something else/,
    ],
    [() => ({ body: `"${'x'.repeat(2 ** 20)}"` }), /^its answer is larger than 1 MiB$/],
  ];
  for (const [known, trouble] of troubles) {
    const url = await serve(known);
    expect(await read(url)).toMatchObject({ ok: false, trouble: expect.stringMatching(trouble) });
    await new Promise(resolve => server.close(resolve));
    expect(await read(url)).toMatchObject({ ok: false, trouble: expect.stringMatching(/ECONNREFUSED/) });
  }
  await serve(whole);
});

it('gives way to the next source while it fails, says so once, and is used again when it is well', async () => {
  let isWell = false;
  const url = await serve(query =>
    isWell ? whole(query) : { body: { status: 'error', error: 'starting' } },
  );
  const standIn: UsageSource = {
    name: 'metrics.k8s.io',
    read: async () => ({ ok: true, report: { kind: 'usage', nodes: [], pods: [] } }),
  };
  const ending = new AbortController();
  const sent: AgentMessageBody[] = [];
  const from: (string | undefined)[] = [];
  const said: string[] = [];
  const note = (message: string, facts?: Readonly<Record<string, unknown>>) =>
    void said.push(`${message}: ${facts?.reason ?? ''}`);
  await reportUsage({
    sources: [prometheus(url), standIn],
    send: body => void sent.push(body),
    log: { info: note, warn: note },
    signal: ending.signal,
    everyMs: 1,
    onRound: name => {
      from.push(name);
      isWell = from.length >= 3;
      if (from.length === 5) ending.abort();
    },
  });
  expect(from).toEqual(['metrics.k8s.io', 'metrics.k8s.io', 'metrics.k8s.io', 'Prometheus', 'Prometheus']);
  expect(sent).toHaveLength(5);
  expect(said).toEqual([
    'Usage cannot be read from Prometheus; asking metrics.k8s.io instead: starting',
    'Usage is known from Prometheus again: ',
  ]);
});
