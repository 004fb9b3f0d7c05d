import type { ContainerChange, ResizableKind } from '../../common/agent-protocol/index.ts';
import type { ObjectMeta, PodSpec } from '../../common/kubernetes/index.ts';
import { statusMessage } from '../kubernetes/kubernetes-api.ts';
import { findSizes, sizePatch } from './container-sizes.ts';
import { keptByGit } from './git-tools.ts';
import { callPatiently } from './node-steps.ts';
import {
  done,
  failed,
  mayAct,
  overOutcome,
  refused,
  type TaskContext,
  type TaskOutcome,
} from './task-outcome.ts';

interface WorkloadRef {
  readonly kind: ResizableKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

interface WorkloadWithTemplate {
  readonly metadata?: ObjectMeta;
  readonly spec?: {
    readonly paused?: boolean;
    readonly updateStrategy?: { readonly type?: string };
    readonly template?: { readonly spec?: PodSpec };
  };
}

const RESOURCES: Readonly<Record<ResizableKind, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

/**
 * Gives the containers in a workload's template new sizes; its controller replaces the pods by its own rules. One that has them
 * already counts as done, so that a repetition changes nothing.
 */
export async function resizeWorkload(
  context: TaskContext,
  {
    workload,
    containers,
  }: { readonly workload: WorkloadRef; readonly containers: readonly ContainerChange[] },
): Promise<TaskOutcome> {
  const name = `${workload.kind} ${workload.namespace}/${workload.name}`;
  const path = pathOf(workload);
  const read = await callPatiently(context, { method: 'GET', path });
  if (read.code === 404) return refused(`${name} does not exist any more.`);
  if (read.code !== 200) return failed(`${name} cannot be read: ${statusMessage(read)}`);
  const seen = read.body as WorkloadWithTemplate;
  if (seen.metadata?.uid !== workload.uid) return refused(`${name} was replaced by another one.`);
  const keeper = reasonToRefuse(seen, name);
  if (keeper !== undefined) return refused(keeper);
  const template = seen.spec?.template?.spec ?? {};
  const found = findSizes(template, containers);
  if (found.kind === 'after') return done(`The template of ${name} has the new sizes.`);
  if (found.kind === 'other') return refused(`The template of ${name} is not as it was: ${found.difference}`);
  if (!mayAct(context)) return overOutcome(context, 'nothing was changed.');
  const { dryRun } = context.record.task;
  const answer = await callPatiently(context, {
    method: 'PATCH',
    path,
    contentType: 'application/strategic-merge-patch+json',
    ...(dryRun ? { query: { dryRun: 'All' } } : {}),
    body: { metadata: { uid: workload.uid }, spec: { template: { spec: sizePatch(template, containers) } } },
  });
  if (answer.code === 404 || answer.code === 409)
    return refused(`${name} was replaced: ${statusMessage(answer)}`);
  if (answer.code !== 200) return failed(`${name} could not be resized: ${statusMessage(answer)}`);
  return done(
    dryRun
      ? `Dry run: ${name} would be resized.`
      : `The template of ${name} has the new sizes; its pods are replaced by its controller.`,
  );
}

function reasonToRefuse({ metadata, spec }: WorkloadWithTemplate, name: string): string | undefined {
  const keeper = keptByGit(metadata, name);
  if (keeper !== undefined) return keeper;
  if (spec?.paused === true) return `The rollout of ${name} is paused: resume it first.`;
  if (spec?.updateStrategy?.type === 'OnDelete')
    return `${name} replaces its pods only when they are deleted by hand (OnDelete).`;
  return undefined;
}

function pathOf({ kind, namespace, name }: WorkloadRef): string {
  return `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${RESOURCES[kind]}/${encodeURIComponent(name)}`;
}
