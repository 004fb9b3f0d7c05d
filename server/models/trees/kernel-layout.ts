import type { Variable } from './wasm-code.ts';

/** Rows that one vector of 16-bit numbers holds. */
export const ROWS_PER_GROUP = 8;
/** Rows that are walked tree by tree: a tree stays in the nearest cache, and so do their ranks and sums. */
export const ROWS_PER_BLOCK = 64;
/** Trees up to this depth are answered level by level; from here on that costs more than walking from node to node. */
export const DEEPEST_LEVELS = 6;
/** Ranks begin here, so that vectors, which compare signed numbers, hold 65,536 of them. */
export const LOWEST_RANK = -32_768;
/** The rank of a missing value that fails every test; no test of a threshold has it. */
export const HIGHEST_RANK = 32_767;
/** Bytes of one rank column of a group, of a node, of a leaf's value and of a number per tree. */
export const RANK_COLUMN_BYTES = 2 * ROWS_PER_GROUP;
export const NODE_BYTES = 8;
export const VALUE_BYTES = 8;
export const WORD_BYTES = 4;
/** Thresholds of a column are fewer than two to the power of this. */
export const MOST_RANK_STEPS = 16;

/** The rows of a group. */
export const lanes = Array.from({ length: ROWS_PER_GROUP }, (_, lane) => lane);

/** A variable of a list that has one for each lane. */
export function at(variables: readonly Variable[], index: number): Variable {
  return variables[index] ?? 0;
}
