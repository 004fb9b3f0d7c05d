import type { PackingAnswer } from '../../server/decisions/packing/packing-answer.ts';
import type { PackingProblem } from '../../server/decisions/packing/problem.ts';

/** Adds everything up again from the answer alone: room on every node, every pod placed or explained, the cost. Throws on the first lie. */
export function verifyAnswer(problem: PackingProblem, answer: PackingAnswer): void {
  const found = problem.pods.map(() => 0);
  let cost = 0;
  for (const { source, count, pods } of answer.nodes) {
    const offer = source.kind === 'offer' ? problem.offers[source.offer] : undefined;
    if (!offer) throw new Error('a node of no known type');
    cost += count * (offer.priceMicroUsdPerHour ?? Number.NaN);
    let [cpu, memory, number, gpu] = [0, 0, 0, 0];
    for (const { podClass, count: each } of pods) {
      const pod = problem.pods[podClass];
      if (!pod) throw new Error(`no class ${podClass}`);
      cpu += each * pod.requests.cpuMilli;
      memory += each * pod.requests.memoryBytes;
      gpu += each * (pod.requests.extended['nvidia.com/gpu'] ?? 0);
      number += each;
      found[podClass] = (found[podClass] ?? 0) + each * count;
      const arch = pod.rules.nodeSelector['kubernetes.io/arch'];
      if (arch !== undefined && arch !== offer.labels['kubernetes.io/arch'])
        throw new Error(`${pod.name} on a wrong architecture`);
    }
    const { allocatable, podLimit } = offer;
    if (cpu > allocatable.cpuMilli || memory > allocatable.memoryBytes || number > podLimit) {
      throw new Error(`a ${offer.instanceType} holds more than it can`);
    }
    if (gpu > (allocatable.extended['nvidia.com/gpu'] ?? 0))
      throw new Error(`a ${offer.instanceType} has too few GPUs`);
  }
  for (const { podClass, count } of answer.unplaced) found[podClass] = (found[podClass] ?? 0) + count;
  problem.pods.forEach(({ name, count }, podClass) => {
    if (found[podClass] !== count) throw new Error(`${found[podClass]} pods of ${name} instead of ${count}`);
  });
  if (Math.abs(cost - answer.costMicroUsdPerHour) > 1)
    throw new Error(`cost ${answer.costMicroUsdPerHour}, not ${cost}`);
  if (answer.lowerBoundMicroUsdPerHour > cost) throw new Error('the bound is above the cost');
}
