import { damagedPickle, refusedPickle } from './damaged-pickle.ts';
import { childrenOf, isContainer, type PythonContainer } from './python-children.ts';
import type { PythonValue } from './python-values.ts';

const DEPTH_MAX = 200;
const UNFOLDED_MAX = 20_000_000;

interface Visit {
  readonly value: PythonContainer;
  readonly children: readonly PythonContainer[];
  next: number;
  /** Containers below, counted each time that they are reached; itself included. */
  unfolded: number;
  height: number;
}

/**
 * Vouches that later walks over the value end: it does not contain itself, is at most 200 levels deep, and has at most 20 million containers when shared
 * ones are counted each time.
 * @throws AppError `model.not-a-model` when it contains itself, `model.rejected` when it is too deep or unfolds too far
 */
export function checkStructure(root: PythonValue): void {
  if (!isContainer(root)) return;
  const done = new Map<PythonContainer, { readonly unfolded: number; readonly height: number }>();
  const open = new Set<PythonContainer>();
  const path: Visit[] = [];
  const enter = (value: PythonContainer): void => {
    open.add(value);
    path.push({ value, children: childrenOf(value).filter(isContainer), next: 0, unfolded: 1, height: 1 });
  };
  enter(root);
  for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
    const child = visit.children[visit.next];
    if (child === undefined) {
      path.pop();
      open.delete(visit.value);
      done.set(visit.value, { unfolded: visit.unfolded, height: visit.height });
      continue;
    }
    const known = done.get(child);
    if (known !== undefined) {
      visit.next += 1;
      visit.unfolded += known.unfolded;
      visit.height = Math.max(visit.height, known.height + 1);
      if (visit.unfolded > UNFOLDED_MAX) {
        throw refusedPickle(`This Python file unfolds into more than ${UNFOLDED_MAX} values.`);
      }
      if (visit.height <= DEPTH_MAX) continue;
    }
    if (open.has(child)) throw damagedPickle('it holds a value that contains itself');
    if (known !== undefined || path.length >= DEPTH_MAX) {
      throw refusedPickle(`This Python file nests values more than ${DEPTH_MAX} levels deep.`);
    }
    enter(child);
  }
}
