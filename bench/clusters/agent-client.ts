import { WebSocket } from 'ws';
import type { BatchAnswer, InventoryObject } from '../../common/agent-protocol/index.ts';
import { protocolVersion } from '../../common/agent-protocol/index.ts';
import { testPod } from '../../server/clusters/testing/test-objects.ts';

/** One connection that sends reports of about 2 KB and hears when each was taken. */
export interface ReportSender {
  /** Resolves once it was acknowledged, or echoed. */
  send(): Promise<void>;
  readonly sent: number;
  close(): void;
}

const PODS = 11;
const pods = Array.from({ length: PODS }, (_, n) => ({ namespace: 'shop', name: `web-7c9d5b6f4-x2x8${n}` }));

/** What the reports are about. */
const reportedObjects: readonly InventoryObject[] = pods.map(({ name }) => testPod(name, null));

function reportOf(seq: number): object {
  const used = { cpuMilli: 100 + (seq % 50), memoryBytes: 200_000_000 + seq };
  const body = {
    kind: 'usage',
    nodes: [],
    pods: pods.map(pod => ({ ...pod, used, containers: [{ name: 'web', used }] })),
  };
  return { seq, at: Date.now(), body };
}

/** Bytes of a batch with one report. */
export const reportBytes = JSON.stringify({ bootEpoch: 1, messages: [reportOf(1)] }).length;

/** Speaks the agent protocol over Engine.IO and Socket.IO frames by hand, so that many fit beside what is measured. */
export async function connectAgent(
  url: string,
  identity: { readonly agentId: string; readonly key: string; readonly clusterId: string },
): Promise<ReportSender & { sendSnapshot(): Promise<void> }> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  const hello = {
    protocolMin: protocolVersion,
    protocolMax: protocolVersion,
    capabilities: [],
    agentVersion: '1.0.0',
    ...identity,
    instanceId: 'instance',
    bootEpoch: 1,
    lastAckedSeq: 0,
  };
  let seq = 0;
  let answered: ((answer: BatchAnswer) => void) | undefined;
  await new Promise<void>((resolve, reject) => {
    socket.on('message', data => {
      const text = String(data);
      if (text === '2') socket.send('3');
      else if (text.startsWith('0')) socket.send(`40/agent,${JSON.stringify(hello)}`);
      else if (text.startsWith('40/agent')) resolve();
      else if (text.startsWith('44')) reject(new Error(text));
      else if (text.startsWith('43/agent,')) answered?.(JSON.parse(text.slice(text.indexOf('[')))[0]);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the engine ended a connection')));
  });
  const send = (message: object) =>
    new Promise<void>((resolve, reject) => {
      answered = ({ ackedSeq }) => {
        if (ackedSeq === seq) resolve();
        else reject(new Error(`report ${seq} was answered by ${ackedSeq}`));
      };
      socket.send(`42/agent,${seq}${JSON.stringify(['messages', { bootEpoch: 1, messages: [message] }])}`);
    });
  return {
    send: () => send(reportOf(++seq)),
    sendSnapshot: () => {
      seq++;
      const body = { kind: 'inventory.snapshot', objects: reportedObjects, kubernetesVersion: 'v1.35.0' };
      return send({ seq, at: Date.now(), body });
    },
    get sent() {
      return seq;
    },
    close: () => socket.terminate(),
  };
}

/** The same reports to the bare server, which sends them back. */
export async function connectBare(url: string): Promise<ReportSender> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let sent = 0;
  let answered: (() => void) | undefined;
  await new Promise((resolve, reject) => {
    socket.on('open', resolve).on('error', reject);
  });
  socket.on('message', () => answered?.());
  return {
    send: () =>
      new Promise(resolve => {
        answered = resolve;
        sent++;
        socket.send(JSON.stringify({ bootEpoch: 1, messages: [reportOf(sent)] }));
      }),
    get sent() {
      return sent;
    },
    close: () => socket.terminate(),
  };
}
