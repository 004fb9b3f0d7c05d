import type { PlanResize } from '../../../common/contracts/index.ts';
import { cpuQuantity, memoryQuantity } from '../../../common/units/index.ts';

type Sizes = PlanResize['containers'][number]['after'];

/** The change as a strategic merge patch in YAML, for those who keep their workloads in Git. */
export function resizePatch({ workload, containers }: PlanResize): string {
  const { kind, namespace, name } = workload;
  return [
    `# ${kind} ${namespace}/${name}`,
    `# kubectl --namespace ${namespace} patch ${kind.toLowerCase()} ${name} --patch-file this-file.yaml`,
    'spec:',
    '  template:',
    '    spec:',
    '      containers:',
    ...containers.flatMap(({ name: container, after }) => [
      `        - name: ${container}`,
      '          resources:',
      ...part('requests', after.cpuRequestMilli, after.memoryRequestBytes),
      ...part('limits', after.cpuLimitMilli, after.memoryLimitBytes),
    ]),
    '',
  ].join('\n');
}

function part(
  word: string,
  cpuMilli: Sizes['cpuRequestMilli'],
  memoryBytes: Sizes['memoryRequestBytes'],
): string[] {
  const lines = [
    ...(cpuMilli === null ? [] : [`              cpu: ${cpuQuantity(cpuMilli)}`]),
    ...(memoryBytes === null ? [] : [`              memory: ${memoryQuantity(memoryBytes)}`]),
  ];
  return lines.length === 0 ? [] : [`            ${word}:`, ...lines];
}
