import { at, lanes, ROWS_PER_GROUP, WORD_BYTES } from './kernel-layout.ts';
import { addLeaf, addParameters, eachEightTrees, eachGroup } from './kernel-loops.ts';
import { type Variable, WasmFunction } from './wasm-code.ts';

/**
 * Deeper trees: eight rows go down side by side, so that one's wait for memory is another's time. A node is its rank column's
 * bytes and its threshold's rank (16 bits each) and the address of its two children, which lie together; a leaf fails no test
 * and is its own child. The loop is bounded by `depth`, that of the deepest tree, whatever the nodes say. `nodes` has each root's address,
 * `leaves` the distance from a node to its value.
 */
export function walkKernel(isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes: roots, leaves: toValue, depth } = addParameters;
  const group = f.local('i32');
  const sum = f.local('i32');
  const walk = new WalkLoop(f);
  const forGroup = (): void => {
    walk.goDown(depth, group, lane => ({ root: 0, rank: 2 * lane }), roots);
    for (const [lane, place] of walk.places.entries()) {
      addLeaf(f, sum, lane, isSingle, () => f.get(place).get(toValue).op('i32.add'));
    }
  };
  eachGroup(f, group, sum, forGroup, () => f.advance(roots, WORD_BYTES));
  return f;
}

/**
 * Deep trees for one row: eight trees side by side, whose leaves are added in their order. The trees are a multiple of eight,
 * filled up with such as add nothing.
 */
export function walkOneRowKernel(isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes: roots, leaves: toValue, ranks, depth } = addParameters;
  const walk = new WalkLoop(f);
  eachEightTrees(f, isSingle, walk.places, {
    find: () => walk.goDown(depth, ranks, lane => ({ root: lane * WORD_BYTES, rank: 0 }), roots),
    addressOf: lane => f.get(at(walk.places, lane)).get(toValue).op('i32.add'),
    next: () => f.advance(roots, ROWS_PER_GROUP * WORD_BYTES),
  });
  return f;
}

/** Eight ways down side by side. */
class WalkLoop {
  readonly places: readonly Variable[];
  readonly #f: WasmFunction;
  readonly #left: Variable;
  readonly #moved: Variable;
  readonly #next: Variable;

  constructor(f: WasmFunction) {
    this.#f = f;
    this.places = lanes.map(() => f.local('i32'));
    this.#left = f.local('i32');
    this.#moved = f.local('i32');
    this.#next = f.local('i32');
  }

  /** @param at where each finds its root behind `roots`, and its row's rank in a column behind `group` */
  goDown(
    depth: Variable,
    group: Variable,
    at: (lane: number) => { readonly root: number; readonly rank: number },
    roots: Variable,
  ): void {
    const f = this.#f;
    for (const [lane, place] of this.places.entries())
      f.get(roots).memory('i32.load', at(lane).root).set(place);
    f.get(depth).set(this.#left);
    f.repeat(() => {
      f.constant(0).set(this.#moved);
      for (const [lane, place] of this.places.entries()) {
        f.get(place).memory('i32.load', WORD_BYTES);
        f.get(place).memory('i32.load16_u', 0).get(group).op('i32.add').memory('i32.load16_s', at(lane).rank);
        f.get(place).memory('i32.load16_s', 2).op('i32.gt_s').constant(3).op('i32.shl', 'i32.add');
        f.tee(this.#next).get(place).op('i32.xor').get(this.#moved).op('i32.or').set(this.#moved);
        f.get(this.#next).set(place);
      }
      f.countDown(this.#left).constant(0).op('i32.ne');
      f.get(this.#moved).constant(0).op('i32.ne', 'i32.and');
    });
  }
}
