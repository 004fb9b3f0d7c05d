import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { formatBytes } from '../../common/units/index.ts';
import { errorText } from '../log.ts';
import type { UsageReport, UsageSource } from './usage-source.ts';

const ANSWER_TIMEOUT_MS = 10_000;
/** Ten thousand containers are about 2 MB. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Two samples at least at the usual intervals of 15 s to 1 min. */
const RATE_OVER = '3m';
const CONTAINERS = '{container!="",container!="POD",pod!=""}';
const WHOLE_NODE = '{id="/"}';

/**
 * Instant queries over what cAdvisor of each kubelet tells. A series that is scraped twice counts once; the cgroups of a
 * container that was started anew add up.
 */
const QUERIES = {
  podCpu: `sum by (namespace, pod, container) (max by (namespace, pod, container, id) (rate(container_cpu_usage_seconds_total${CONTAINERS}[${RATE_OVER}])))`,
  podMemory: `max by (namespace, pod, container) (container_memory_working_set_bytes${CONTAINERS})`,
  nodeCpu: `max by (node, instance) (rate(container_cpu_usage_seconds_total${WHOLE_NODE}[${RATE_OVER}]))`,
  nodeMemory: `max by (node, instance) (container_memory_working_set_bytes${WHOLE_NODE})`,
} as const;

/** Answer of `GET /api/v1/query` (prometheus.io/docs/prometheus/latest/querying/api, "Instant queries"). */
const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.object({
      resultType: z.literal('vector'),
      result: z.array(
        z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
      ),
    }),
  }),
  z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string() }),
]);

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Usage as a Prometheus has it that scrapes the kubelets.
 * @param baseUrl of its API, without a slash at the end
 * @param mostBytes of each of its answers; a larger one is refused
 */
export function prometheus(baseUrl: string, mostBytes = MOST_BYTES): UsageSource {
  const ask = async (query: string, signal: AbortSignal): Promise<Sample[]> => {
    const url = new URL(`${baseUrl}/api/v1/query`);
    url.searchParams.set('query', query);
    return samplesOf(await get(url, mostBytes, signal));
  };
  return {
    name: 'Prometheus',
    async read(signal) {
      try {
        const [podCpu, podMemory, nodeCpu, nodeMemory] = await Promise.all([
          ask(QUERIES.podCpu, signal),
          ask(QUERIES.podMemory, signal),
          ask(QUERIES.nodeCpu, signal),
          ask(QUERIES.nodeMemory, signal),
        ]);
        if (podCpu.length === 0 || podMemory.length === 0) {
          const metric =
            podCpu.length === 0 ? 'container_cpu_usage_seconds_total' : 'container_memory_working_set_bytes';
          const trouble = `it has no ${metric} of containers; let it scrape cAdvisor of the kubelets`;
          return { ok: false, trouble, isAbsent: false };
        }
        return { ok: true, report: reportOf({ podCpu, podMemory, nodeCpu, nodeMemory }) };
      } catch (error) {
        return { ok: false, trouble: errorText(error), isAbsent: false };
      }
    },
  };
}

/** Samples of an answer; those that are no number are left out. Throws a sentence. */
function samplesOf({ code, text }: { readonly code: number; readonly text: string }): Sample[] {
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success) throw new Error(`it answered ${code} with something else than Prometheus does`);
  if (parsed.data.status === 'error') throw new Error(parsed.data.error);
  return parsed.data.data.result
    .map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }))
    .filter(({ value }) => Number.isFinite(value) && value >= 0);
}

async function get(
  url: URL,
  mostBytes: number,
  signal: AbortSignal,
): Promise<{ code: number; text: string }> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    return await readAll(url, mostBytes, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (timeout.aborted) throw new Error(`it did not answer within ${ANSWER_TIMEOUT_MS / 1000} s`);
    throw error;
  }
}

async function readAll(url: URL, mostBytes: number, signal: AbortSignal) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const request = send(url, {
      // A kept connection may have been closed meanwhile, which would look like a failure.
      agent: false,
      signal,
      headers: { accept: 'application/json' },
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end();
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) {
      response.destroy();
      throw new Error(`its answer is larger than ${formatBytes(mostBytes)}`);
    }
    chunks.push(chunk as Buffer);
  }
  return { code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

function reportOf(samples: Readonly<Record<keyof typeof QUERIES, Sample[]>>): UsageReport {
  const pods = new Map<string, UsageReport['pods'][number] & { containers: Measured[] }>();
  const cpu = new Map(samples.podCpu.map(({ labels, value }) => [containerKey(labels), value]));
  // What is measured in part is not told: a zero would be made up.
  for (const { labels, value: memoryBytes } of samples.podMemory) {
    const cores = cpu.get(containerKey(labels));
    const { namespace = '', pod: name = '', container = '' } = labels;
    if (cores === undefined || namespace === '' || name === '') continue;
    const key = `${namespace}/${name}`;
    const pod = pods.get(key) ?? { namespace, name, used: { cpuMilli: 0, memoryBytes: 0 }, containers: [] };
    const used = { cpuMilli: cores * 1_000, memoryBytes };
    pod.containers.push({ name: container, used });
    pod.used = {
      cpuMilli: pod.used.cpuMilli + used.cpuMilli,
      memoryBytes: pod.used.memoryBytes + memoryBytes,
    };
    pods.set(key, pod);
  }
  const nodeCores = new Map(samples.nodeCpu.map(({ labels, value }) => [nodeName(labels), value]));
  return {
    kind: 'usage',
    nodes: samples.nodeMemory.flatMap(({ labels, value: memoryBytes }) => {
      const name = nodeName(labels);
      const cores = nodeCores.get(name);
      return cores === undefined || name === ''
        ? []
        : [{ name, used: { cpuMilli: cores * 1_000, memoryBytes } }];
    }),
    pods: [...pods.values()],
  };
}

type Measured = NonNullable<UsageReport['pods'][number]['containers']>[number];

function containerKey({ namespace = '', pod = '', container = '' }: Sample['labels']): string {
  return `${namespace}/${pod}/${container}`;
}

/** The operator of Prometheus gives nodes a label of their own; without it the address that was scraped is the name. */
function nodeName({ node, instance = '' }: Sample['labels']): string {
  return node ?? instance.replace(/:\d+$/, '');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
