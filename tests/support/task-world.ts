import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ApiCall,
  createKubernetesApi,
  type KubernetesApi,
} from '../../agent/kubernetes/kubernetes-api.ts';
import { openTaskLog } from '../../agent/tasks/task-log.ts';
import { createTaskRunner } from '../../agent/tasks/task-runner.ts';
import type { AgentTask, TaskAction, TaskResult } from '../../common/agent-protocol/index.ts';
import type { PretendCluster } from '../../simulator/cluster/index.ts';
import { startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';

/** The agent's own way of carrying out tasks, in this process, on a pretend cluster that is spoken to over HTTP. */
export interface TaskWorld {
  readonly cluster: PretendCluster;
  /** Where the cluster's API is; any request with the bearer token `all` may do everything. */
  readonly url: string;
  /** Changes that were asked for, oldest first: `DELETE /api/v1/nodes/n1`. */
  readonly changes: readonly string[];
  /** Resolves with what ended the task. Rejects when nothing did within two minutes of its deadline. */
  carryOut(action: TaskAction, deadlineMs: number): Promise<TaskResult>;
  close(): Promise<void>;
}

const TICK_MS = 20;
const PATIENCE_MS = 120_000;
const silent = { info: () => undefined, warn: () => undefined };

/** @param beforeCall runs before each request of the agent goes out */
export async function startTaskWorld(
  cluster: PretendCluster,
  random: () => number,
  beforeCall: (call: ApiCall) => void = () => undefined,
): Promise<TaskWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-tasks-'));
  const server = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
  // Rests as long as it worked: on a busy machine the requests must get their turns, too.
  let ticking: NodeJS.Timeout;
  const tick = () => {
    const startedAt = performance.now();
    cluster.tick(Date.now());
    ticking = setTimeout(tick, Math.max(TICK_MS, performance.now() - startedAt));
  };
  tick();
  const plain = createKubernetesApi({
    server: new URL(server.url),
    requestOptions: async () => ({ headers: { authorization: 'Bearer all' } }),
  });
  const changes: string[] = [];
  const api: KubernetesApi = {
    ...plain,
    call: call => {
      beforeCall(call);
      if (call.method !== 'GET') changes.push(`${call.method} ${call.path}`);
      return plain.call(call);
    },
  };
  const end = new AbortController();
  const taskLog = openTaskLog(folder);
  const waiting = new Map<string, (result: TaskResult) => void>();
  const runner = createTaskRunner({
    api,
    taskLog,
    report: result => {
      if (result.state === 'running') return;
      waiting.get(result.taskId)?.(result);
      waiting.delete(result.taskId);
    },
    log: silent,
    now: Date.now,
    random,
    signal: end.signal,
  });
  let epoch = 0;
  return {
    cluster,
    url: server.url,
    changes,
    carryOut(action, deadlineMs) {
      epoch++;
      const task: AgentTask = {
        taskId: `task-${epoch}`,
        epoch,
        deadlineAt: Date.now() + deadlineMs,
        dryRun: false,
        action,
      };
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${action.kind} had no end ${PATIENCE_MS} ms after its deadline`)),
          deadlineMs + PATIENCE_MS,
        );
        waiting.set(task.taskId, result => {
          clearTimeout(timer);
          resolve(result);
        });
        runner.offer(task);
      });
    },
    close: async () => {
      end.abort();
      clearTimeout(ticking);
      await server.close();
      taskLog.close();
      rmSync(folder, { recursive: true });
    },
  };
}
