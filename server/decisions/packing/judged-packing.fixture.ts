import { expect } from 'vitest';
import { kubernetesCase } from './kubernetes-case.ts';
import type { PackingAnswer } from './packing-answer.ts';
import type { PackingProblem } from './problem.ts';
import { rejections } from './scheduler-rules.ts';

/** Binds in the stated order; `first` names what the scheduler would have refused first. */
export function judge(problem: PackingProblem, answer: PackingAnswer) {
  const { nodes, bound, pending, namespaces } = kubernetesCase(problem, answer);
  const there = [...bound];
  let first: string[] | undefined;
  for (const pod of pending) {
    const target = nodes.find(node => node.metadata.name === pod.spec.nodeName);
    const why = target ? rejections(pod, target, nodes, there, namespaces) : ['no such node'];
    if (why.length > 0) first ??= why;
    there.push(pod);
  }
  return { first, nodes, there, pending, namespaces };
}

/** Pods that the answer must account for, by class: pending ones and those on nodes, but for the immovable ones that go with their node. */
export function expectNothingLost(problem: PackingProblem, answer: PackingAnswer): void {
  const kept = new Set(answer.nodes.map(({ name }) => name));
  const due = problem.pods.map(({ count }) => count);
  for (const { name, pods } of problem.existing) {
    for (const { podClass, count, canMove } of pods) {
      if (canMove || kept.has(name)) due[podClass] = (due[podClass] ?? 0) + count;
    }
  }
  const found = problem.pods.map(() => 0);
  for (const { count: times, pods } of answer.nodes) {
    for (const { podClass, count } of pods) found[podClass] = (found[podClass] ?? 0) + count * times;
  }
  for (const { podClass, count } of answer.unplaced) found[podClass] = (found[podClass] ?? 0) + count;
  expect(found).toEqual(due);
}
