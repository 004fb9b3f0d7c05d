import type { InventoryContainer } from '../agent-protocol/index.ts';
import { bytesFromQuantity } from '../units/index.ts';
import type { ContainerSpec } from './kubernetes-objects.ts';

type Heap = NonNullable<InventoryContainer['heap']>;

/** Options of the JVM that the launcher or the JVM itself takes from the environment. */
const jvmVariables = ['JDK_JAVA_OPTIONS', 'JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JAVA_OPTS', 'CATALINA_OPTS'];
const units: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * The largest heap that a container's runtime may take, from its arguments and environment, or as declared; only the figure
 * leaves the cluster. A runtime that is seen without a figure is told without one: its heap is unknown, not absent.
 * Sources: `java -X` (later options win, `_JAVA_OPTIONS` over the command line), `-XX:MaxRAMPercentage`;
 * `GOMEMLIMIT` of package runtime; `--max-old-space-size` (MiB) of Node.js.
 * @param declared of the annotation; a quantity such as `768Mi`
 */
export function statedHeap(spec: ContainerSpec, declared: string | undefined): Heap | undefined {
  const declaredBytes = declared === undefined ? undefined : bytesFromQuantity(declared);
  const words = [...(spec.command ?? []), ...(spec.args ?? [])].flatMap(text => text.split(/\s+/));
  const value = (name: string) => spec.env?.findLast(one => one.name === name)?.value;
  const has = (name: string) => spec.env?.some(one => one.name === name) ?? false;

  const javaOptions = [
    ...(value('JDK_JAVA_OPTIONS') ?? '').split(/\s+/),
    ...(value('JAVA_TOOL_OPTIONS') ?? '').split(/\s+/),
    ...words,
    ...(value('JAVA_OPTS') ?? '').split(/\s+/),
    ...(value('CATALINA_OPTS') ?? '').split(/\s+/),
    ...(value('_JAVA_OPTIONS') ?? '').split(/\s+/),
  ];
  const javaHeap = jvmHeap(javaOptions);
  const isJava =
    words.some(word => /(^|\/)java$/.test(word)) || jvmVariables.some(has) || javaHeap !== undefined;
  if (isJava) {
    const heap = declaredBytes === undefined ? javaHeap : { maxBytes: declaredBytes };
    return { runtime: 'jvm', ...heap };
  }
  if (has('GOMEMLIMIT') && value('GOMEMLIMIT') !== 'off')
    return { runtime: 'go', ...sized(declaredBytes ?? goLimit(value('GOMEMLIMIT'))) };
  const nodeOptions = [...words, ...(value('NODE_OPTIONS') ?? '').split(/\s+/)];
  const oldSpace = nodeOptions
    .map(one => /^--max[-_]old[-_]space[-_]size=(\d+)$/.exec(one)?.[1])
    .findLast(Boolean);
  const isNode =
    oldSpace !== undefined || has('NODE_OPTIONS') || words.some(word => /(^|\/)node$/.test(word));
  if (oldSpace !== undefined || (isNode && declaredBytes !== undefined)) {
    return { runtime: 'node', ...sized(declaredBytes ?? Number(oldSpace) * 2 ** 20) };
  }
  return declaredBytes === undefined ? undefined : { runtime: 'declared', maxBytes: declaredBytes };
}

function jvmHeap(options: readonly string[]): Omit<Heap, 'runtime'> | undefined {
  const size = options
    .map(one => /^-(?:Xmx|XX:MaxHeapSize=)(\d+)([kmgt]?)$/i.exec(one))
    .findLast(match => match !== null);
  // A size wins over a share, whatever their order.
  if (size) return { maxBytes: Number(size[1]) * (units[(size[2] ?? '').toLowerCase()] ?? 1) };
  const share = options
    .map(one => /^-XX:MaxRAMPercentage=(\d+(?:\.\d+)?)$/.exec(one)?.[1])
    .findLast(text => text !== undefined);
  return share === undefined ? undefined : { shareOfLimit: Number(share) / 100 };
}

/** `512MiB`, `1GiB`, `1073741824`; what cannot be read states nothing. */
function goLimit(text: string | undefined): number | undefined {
  const match = /^(\d+)(?:([KMGT])i)?B?$/.exec(text ?? '');
  return match ? Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 1) : undefined;
}

function sized(maxBytes: number | undefined): { maxBytes?: number } {
  return maxBytes === undefined ? {} : { maxBytes };
}
