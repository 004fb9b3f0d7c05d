import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AgentStop } from './agent-stop.ts';
import { chooseProxy } from './connection/choose-proxy.ts';
import { errorText } from './log.ts';

const transports = ['auto', 'websocket', 'http'] as const;
/** How the agent talks to the server; `auto`: over WebSocket, and by plain requests where that is broken on the way. */
export type Transport = (typeof transports)[number];

/** What the agent was told at its start. */
export interface Settings {
  /** `http:` or `https:`, without a slash at the end. */
  readonly serverUrl: string;
  readonly joinToken: string | undefined;
  /** HTTP proxy on the way to the server, with user and password where it wants them. The Kubernetes API is never behind it. */
  readonly proxy: URL | undefined;
  /** PEM certificates of authorities that are trusted beside this machine's. */
  readonly authorities: readonly string[] | undefined;
  readonly transport: Transport;
  /** Existing, writable folder. */
  readonly dataFolder: string;
  /** Undefined: the service account of the pod that the agent runs in. */
  readonly kubeconfigFile: string | undefined;
  /** Undefined: no health endpoint. 0: any free port. */
  readonly healthPort: number | undefined;
  readonly outboxMaxBytes: number;
  /** Of a Prometheus that scrapes the kubelets, without a slash at the end. Undefined: usage comes from metrics.k8s.io. */
  readonly prometheusUrl: string | undefined;
  /** The namespace of the Lease by which replicas lead in turns. Undefined: this agent is alone. */
  readonly leaseNamespace: string | undefined;
  readonly leaseSeconds: number;
  /** End when standard input closes, so that the agent does not outlive who started it. */
  readonly untilStdinCloses: boolean;
}

const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** What `--help` prints. */
export const usageText = `cloudoptim agent: reports one Kubernetes cluster to CloudOptim and carries out approved work

  --server URL          address of CloudOptim                     (CLOUDOPTIM_SERVER)
  --join TOKEN          join token, needed at the first start     (CLOUDOPTIM_JOIN_TOKEN)
  --proxy URL           HTTP proxy on the way to the server       (CLOUDOPTIM_AGENT_PROXY)
                        else HTTPS_PROXY, HTTP_PROXY, NO_PROXY
  --ca FILE             PEM of authorities to trust as well       (CLOUDOPTIM_AGENT_CA)
  --transport T         auto, websocket or http; default auto     (CLOUDOPTIM_AGENT_TRANSPORT)
  --data DIR            folder for identity, outbox and task log  (CLOUDOPTIM_AGENT_DATA)
  --kubeconfig FILE     default: the pod's service account        (KUBECONFIG)
  --health-port PORT    GET /healthz on 127.0.0.1; 0 = any port   (CLOUDOPTIM_AGENT_HEALTH_PORT)
  --prometheus URL      read usage there, not from metrics.k8s.io (CLOUDOPTIM_AGENT_PROMETHEUS)
  --leader-election     one of several replicas leads, by a Lease (CLOUDOPTIM_AGENT_LEADER_ELECTION=true)
  --namespace NAME      of the Lease; default: the pod's          (CLOUDOPTIM_AGENT_NAMESPACE)
  --lease-seconds N     how long the Lease lasts, default 15      (CLOUDOPTIM_AGENT_LEASE_SECONDS)
  --until-stdin-closes  end when standard input closes
  --outbox-max-mb N     disk for unsent messages, default 64      (CLOUDOPTIM_AGENT_OUTBOX_MAX_MB)
`;

/**
 * Settings from options, then from the environment; makes the data folder.
 * Returns `help` when it was asked for. Throws `AgentStop` with exit code 2 and a sentence that names the wrong value.
 */
export function readSettings(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Settings | 'help' {
  const options = parseOptions(args);
  if (options.help) return 'help';
  const from = (option: string | boolean | undefined, name: string) =>
    (typeof option === 'string' ? option : environment[name])?.trim() || undefined;

  const server = from(options.server, 'CLOUDOPTIM_SERVER');
  if (!server) throw bad('The address of CloudOptim is missing: pass --server URL or set CLOUDOPTIM_SERVER.');
  const data = from(options.data, 'CLOUDOPTIM_AGENT_DATA');
  if (!data) throw bad('The data folder is missing: pass --data DIR or set CLOUDOPTIM_AGENT_DATA.');
  const healthPort = from(options['health-port'], 'CLOUDOPTIM_AGENT_HEALTH_PORT');
  const prometheus = from(options.prometheus, 'CLOUDOPTIM_AGENT_PROMETHEUS');
  const outboxMb = from(options['outbox-max-mb'], 'CLOUDOPTIM_AGENT_OUTBOX_MAX_MB') ?? '64';
  const url = baseUrl(server, SERVER_ADDRESS);
  const ca = from(options.ca, 'CLOUDOPTIM_AGENT_CA');
  const leaseSeconds = from(options['lease-seconds'], 'CLOUDOPTIM_AGENT_LEASE_SECONDS') ?? '15';
  return {
    serverUrl: url,
    proxy: chooseProxy(url, from(options.proxy, 'CLOUDOPTIM_AGENT_PROXY'), environment),
    authorities: ca === undefined ? undefined : certificates(ca),
    transport: transport(from(options.transport, 'CLOUDOPTIM_AGENT_TRANSPORT') ?? 'auto'),
    joinToken: from(options.join, 'CLOUDOPTIM_JOIN_TOKEN'),
    kubeconfigFile: from(options.kubeconfig, 'KUBECONFIG'),
    healthPort: healthPort === undefined ? undefined : whole('--health-port', healthPort, 0, 65_535),
    outboxMaxBytes: whole('--outbox-max-mb', outboxMb, 1, 100_000) * 1024 * 1024,
    prometheusUrl: prometheus === undefined ? undefined : baseUrl(prometheus, PROMETHEUS_ADDRESS),
    leaseNamespace: isOn(options['leader-election'], environment)
      ? leaseNamespace(from(options.namespace, 'CLOUDOPTIM_AGENT_NAMESPACE'))
      : undefined,
    leaseSeconds: whole('--lease-seconds', leaseSeconds, 3, 3600),
    untilStdinCloses: options['until-stdin-closes'] === true,
    dataFolder: writableFolder(data),
  };
}

function parseOptions(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({
      args: [...args],
      options: {
        server: text,
        join: text,
        proxy: text,
        ca: text,
        transport: text,
        data: text,
        kubeconfig: text,
        'health-port': text,
        'outbox-max-mb': text,
        prometheus: text,
        'leader-election': { type: 'boolean' },
        namespace: text,
        'lease-seconds': text,
        'until-stdin-closes': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw bad(`${firstSentence(errorText(error))} Run with --help to see the options.`);
  }
}

/** An address among the settings: what it is called, one like it, and why it holds no password. */
interface Address {
  readonly name: string;
  readonly example: string;
  readonly signsIn: string;
}

const SERVER_ADDRESS: Address = {
  name: 'server address',
  example: 'https://cloudoptim.example.com',
  signsIn: 'the agent signs in with its own key',
};
const PROMETHEUS_ADDRESS: Address = {
  name: 'Prometheus address',
  example: 'http://prometheus.monitoring.svc:9090',
  signsIn: 'one that needs no sign-in inside the cluster is asked',
};

function baseUrl(text: string, { name, example, signsIn }: Address): string {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw bad(`The ${name} "${text}" is no http or https URL; pass one like ${example}.`);
  }
  if (url.username || url.password) {
    throw bad(`The ${name} holds a user name or password; remove it, ${signsIn}.`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function certificates(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw bad(
      `The certificates in ${file} cannot be read (${errorText(error)}); name another file with --ca.`,
    );
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const one of found) new X509Certificate(one);
  } catch {
    throw bad(`A certificate in ${file} is damaged; name a whole PEM file with --ca.`);
  }
  if (found.length === 0) throw bad(`There is no PEM certificate in ${file}; name another file with --ca.`);
  return found;
}

function transport(text: string): Transport {
  const known = transports.find(one => one === text);
  if (!known) throw bad(`--transport is "${text}"; give ${transports.join(', ')}.`);
  return known;
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw bad(`${name} is "${text}"; give a whole number from ${min} to ${max}.`);
  }
  return value;
}

function isOn(
  option: boolean | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const text = environment.CLOUDOPTIM_AGENT_LEADER_ELECTION?.trim() ?? '';
  if (option === true) return true;
  if (!['', 'true', 'false'].includes(text))
    throw bad(`CLOUDOPTIM_AGENT_LEADER_ELECTION is "${text}"; set it to true or false.`);
  return text === 'true';
}

function leaseNamespace(named: string | undefined): string {
  const name = named ?? (existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : '');
  if (name === '')
    throw bad('Leader election needs the namespace of its Lease: name it with --namespace outside a pod.');
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    throw bad(
      `"${name}" cannot be the name of a namespace; pass the one that holds the Lease with --namespace.`,
    );
  return name;
}

function writableFolder(text: string): string {
  const folder = resolve(text);
  const probe = join(folder, '.writable');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '');
    rmSync(probe);
    return folder;
  } catch (error) {
    throw bad(
      `The data folder ${text} cannot be written (${errorText(error)}); choose another one with --data.`,
    );
  }
}

function firstSentence(text: string): string {
  const end = text.indexOf('. ');
  return end < 0 ? `${text.replace(/\.$/, '')}.` : text.slice(0, end + 1);
}

function bad(sentence: string): AgentStop {
  return new AgentStop(2, sentence);
}
