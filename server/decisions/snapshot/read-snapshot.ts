import { AppError } from '../../../common/errors.ts';
import type { KubernetesObject } from '../../../common/kubernetes/index.ts';
import { isSnapshotKind, SnapshotGatherer } from './gather-snapshot.ts';
import type { Snapshot } from './snapshot.ts';

const HOW =
  'Print it by "kubectl get nodes,pods,pdb,deploy,rs,sts,ds,job,pvc,pv,sc,hpa,ns -A -o json", whole and unchanged.';

/**
 * Reads one List, or several one after the other in an array.
 * @param name how the text is called in messages
 * @throws AppError `input.invalid` for what is no such list, is cut off, or holds no nodes
 */
export function readSnapshot(text: string, name: string): Snapshot {
  const gathered = new SnapshotGatherer();
  let nameless = 0;
  for (const object of objectsOf(parse(text, name), name)) {
    if (!isSnapshotKind(object.kind)) continue;
    const { metadata }: KubernetesObject = object;
    if (typeof metadata?.name !== 'string' || metadata.name === '') nameless += 1;
    else gathered.add(object);
  }
  if (nameless > 0) throw invalid(`${name} holds ${nameless} objects without metadata.name`);
  if (gathered.count('Node') === 0) throw invalid(`${name} holds no nodes`);
  return gathered.snapshot();
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw invalid(`${name} is no JSON, or cut off: ${detail}`, cause);
  }
}

function* objectsOf(value: unknown, name: string): Generator<KubernetesObject & { readonly kind: string }> {
  for (const list of Array.isArray(value) ? value : [value]) {
    const { kind, items } = (list ?? {}) as { kind?: unknown; items?: unknown };
    if (!Array.isArray(items)) {
      throw invalid(
        `${name} is ${typeof kind === 'string' ? `a ${kind}` : 'something else'}, not a list of objects`,
      );
    }
    // "NodeList" says the kind of its items once; "List" leaves it to each.
    const common = typeof kind === 'string' && kind !== 'List' ? kind.replace(/List$/, '') : undefined;
    for (const [index, item] of items.entries()) {
      const own = (item as { kind?: unknown } | null)?.kind ?? common;
      if (typeof item !== 'object' || item === null || typeof own !== 'string')
        throw invalid(`Item ${index + 1} of ${name} is no Kubernetes object`);
      yield { ...item, kind: own };
    }
  }
}

function invalid(what: string, cause?: unknown): AppError {
  return new AppError('input.invalid', `${what}.`, { hint: HOW, cause });
}
