/** The different rows of a table, and which of them each row is. */
export interface DistinctRows {
  /** Row after row, in the order in which they first come; a copy. */
  readonly rows: Float64Array;
  /** For each row of the table its place among the different ones. */
  readonly placeOf: Uint32Array;
}

/** FNV-1a's prime: spreads well enough, and collisions are compared value by value. */
const PRIME = 16_777_619;

/**
 * Rows that are equal to the bit, once each. A pool whose price has not moved for a week has the same features at the same hour of
 * each week, which is half of all rows of a region; a model says the same of the same row.
 */
export function distinctRows(table: Float64Array, columns: number): DistinctRows {
  const count = table.length / columns;
  const bits = new Int32Array(table.buffer, table.byteOffset, table.length * 2);
  const words = columns * 2;
  const slots = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * count)));
  /** Place + 1 by hash; 0 is free. */
  const taken = new Uint32Array(slots);
  const firstOf = new Uint32Array(count);
  const placeOf = new Uint32Array(count);
  let different = 0;
  let before = 0;
  for (let row = 0; row < count; row++) {
    const start = row * words;
    // Rows that come again do so one after the other: the one after the last one's is the likeliest.
    const next = before + 1;
    if (next < different && isSame(bits, (firstOf[next] as number) * words, start, words)) {
      placeOf[row] = before = next;
      continue;
    }
    let hash = 0;
    for (let word = start; word < start + words; word += 2) {
      const high = bits[word + 1] as number;
      hash = Math.imul(hash ^ (bits[word] as number) ^ ((high << 13) | (high >>> 19)), PRIME);
    }
    // The high bits are the well mixed ones.
    let slot = (hash ^ (hash >>> 15)) & (slots - 1);
    for (;;) {
      const place = (taken[slot] ?? 0) - 1;
      if (place < 0) {
        taken[slot] = different + 1;
        firstOf[different] = row;
        placeOf[row] = before = different++;
        break;
      }
      if (isSame(bits, (firstOf[place] ?? 0) * words, start, words)) {
        placeOf[row] = before = place;
        break;
      }
      slot = (slot + 1) & (slots - 1);
    }
  }
  const rows = new Float64Array(different * columns);
  for (let place = 0; place < different; place++) {
    const from = (firstOf[place] ?? 0) * columns;
    rows.set(table.subarray(from, from + columns), place * columns);
  }
  return { rows, placeOf };
}

function isSame(bits: Int32Array, a: number, b: number, words: number): boolean {
  for (let word = 0; word < words; word += 2) {
    const low = (bits[a + word] as number) ^ (bits[b + word] as number);
    const high = (bits[a + word + 1] as number) ^ (bits[b + word + 1] as number);
    if ((low | high) !== 0) return false;
  }
  return true;
}
