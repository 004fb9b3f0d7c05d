import type { NodeObject } from '../../common/kubernetes/index.ts';
import { changeObject } from './change-object.ts';
import { nodePath } from './node-steps.ts';
import { refused, type TaskContext, type TaskOutcome } from './task-outcome.ts';

interface NodeRef {
  readonly name: string;
  readonly uid: string;
}

/** Domains whose labels and taints schedulers, kubelets and autoscalers act on; tasks leave them alone. */
const reserved =
  /(^|\.)(kubernetes\.io|k8s\.io|k8s\.aws|karpenter\.sh|karpenter\.k8s\.aws|eks\.amazonaws\.com)$/;

/** Sets or removes one label of a node; `value` null removes it. */
export async function labelNode(
  context: TaskContext,
  { node, key, value }: { readonly node: NodeRef; readonly key: string; readonly value: string | null },
): Promise<TaskOutcome> {
  if (isReserved(key)) return refused(reservedWords('label', key));
  return changeObject<NodeObject>(context, {
    ...targetOf(node),
    aim: value === null ? `has no label ${key}` : `has the label ${key}=${value}`,
    patch: ({ metadata = {} }) =>
      (metadata.labels?.[key] ?? null) === value ? undefined : { metadata: { labels: { [key]: value } } },
  });
}

/**
 * Sets one taint of a node, or removes it, by key and effect. All taints are one list: it is written as it was read, on the
 * condition that it still is so, which loses none that others set at the same time.
 */
export async function taintNode(
  context: TaskContext,
  {
    node,
    taint,
    present,
  }: {
    readonly node: NodeRef;
    readonly taint: { readonly key: string; readonly value?: string | undefined; readonly effect: string };
    readonly present: boolean;
  },
): Promise<TaskOutcome> {
  const { key, value = '', effect } = taint;
  if (isReserved(key)) return refused(reservedWords('taint', key));
  const words = `${key}${value && `=${value}`}:${effect}`;
  return changeObject<NodeObject>(context, {
    ...targetOf(node),
    aim: present ? `has the taint ${words}` : `has no taint ${key}:${effect}`,
    patch: ({ spec = {} }) => {
      const taints = spec.taints ?? [];
      const same = taints.find(one => one.key === key && one.effect === effect);
      if (present ? same !== undefined && (same.value ?? '') === value : same === undefined) return undefined;
      const others = taints.filter(one => one !== same);
      const wanted = present ? [...others, { key, effect, ...(value === '' ? {} : { value }) }] : others;
      return { spec: { taints: wanted.length === 0 ? null : wanted } };
    },
  });
}

function targetOf({ name, uid }: NodeRef) {
  return { name: `Node ${name}`, path: nodePath(name), uid };
}

function isReserved(key: string): boolean {
  const slash = key.indexOf('/');
  return slash >= 0 && reserved.test(key.slice(0, slash));
}

function reservedWords(what: string, key: string): string {
  return `The ${what} ${key} is one that Kubernetes itself acts on; use a domain of your own.`;
}
