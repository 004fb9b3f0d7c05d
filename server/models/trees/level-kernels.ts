import { at, lanes, NODE_BYTES, ROWS_PER_GROUP, VALUE_BYTES, WORD_BYTES } from './kernel-layout.ts';
import { addLeaf, addParameters, eachEightTrees, eachGroup } from './kernel-loops.ts';
import { WasmFunction } from './wasm-code.ts';

/**
 * Trees of one depth: every test of a tree for eight rows at once, and from the answers of each level, chosen by those
 * above it, one bit of the leaf's number. A node is its rank column's bytes (32 bits) and its threshold's rank, twice.
 */
export function levelKernel(depth: number, isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes, leaves } = addParameters;
  const group = f.local('i32');
  const sum = f.local('i32');
  const leaf = f.local('v128');
  const answers = Array.from({ length: depth }, () => f.local('v128'));
  const test = (node: number): void => {
    f.get(nodes)
      .memory('i32.load', node * NODE_BYTES)
      .get(group)
      .op('i32.add')
      .vectorMemory('v128.load', 0);
    f.get(nodes)
      .vectorMemory('v128.load32_splat', node * NODE_BYTES + WORD_BYTES)
      .vector('i16x8.gt_s');
  };
  /** Of the nodes `level` levels below this one, that one's answer to which the levels from `from` on lead. */
  const answer = (node: number, from: number, level: number): void => {
    if (from === level) {
      test(node);
      return;
    }
    answer(2 * node + 2, from + 1, level);
    answer(2 * node + 1, from + 1, level);
    f.get(at(answers, from)).vector('v128.bitselect');
  };
  const forGroup = (): void => {
    for (const [level, own] of answers.entries()) {
      answer(0, 0, level);
      f.set(own);
    }
    for (const [level, own] of answers.entries()) {
      f.get(own)
        .constant(VALUE_BYTES << (depth - 1 - level))
        .vector('i16x8.splat', 'v128.and');
      if (level > 0) f.vector('v128.or');
    }
    f.set(leaf);
    for (const lane of lanes) {
      addLeaf(f, sum, lane, isSingle, () => f.get(leaf).lane(lane).get(leaves).op('i32.add'));
    }
  };
  eachGroup(f, group, sum, forGroup, () => {
    f.advance(nodes, (2 ** depth - 1) * NODE_BYTES);
    f.advance(leaves, 2 ** depth * VALUE_BYTES);
  });
  return f;
}

/** Trees of one depth for one row: eight of them side by side, from node to node in the layout of the levels. */
export function levelOneRowKernel(depth: number, isSingle: boolean): WasmFunction {
  const f = new WasmFunction(9);
  const { nodes, leaves, ranks } = addParameters;
  const treeBytes = (2 ** depth - 1) * NODE_BYTES;
  const leafBytes = 2 ** depth * VALUE_BYTES;
  const places = lanes.map(() => f.local('i32'));
  const address = f.local('i32');
  eachEightTrees(f, isSingle, places, {
    find: () => {
      for (const place of places) f.constant(0).set(place);
      for (let level = 0; level < depth; level++) {
        for (const [lane, place] of places.entries()) {
          f.get(nodes).get(place).op('i32.add').set(address);
          f.get(address)
            .memory('i32.load', lane * treeBytes)
            .get(ranks)
            .op('i32.add')
            .memory('i32.load16_s', 0);
          f.get(address)
            .memory('i32.load16_s', lane * treeBytes + WORD_BYTES)
            .op('i32.gt_s');
          // Of node n the children are 2n + 1 and 2n + 2, here in bytes.
          f.constant(3).op('i32.shl').get(place).constant(1).op('i32.shl', 'i32.add');
          f.constant(NODE_BYTES).op('i32.add').set(place);
        }
      }
    },
    addressOf: lane =>
      f
        .get(leaves)
        .get(at(places, lane))
        .op('i32.add')
        .constant(lane * leafBytes - treeBytes)
        .op('i32.add'),
    next: () => {
      f.advance(nodes, ROWS_PER_GROUP * treeBytes);
      f.advance(leaves, ROWS_PER_GROUP * leafBytes);
    },
  });
  return f;
}
