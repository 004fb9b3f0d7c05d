import { at, HIGHEST_RANK, LOWEST_RANK, ROWS_PER_GROUP, VALUE_BYTES } from './kernel-layout.ts';
import { WasmFunction } from './wasm-code.ts';

/** A binary search without branches, in eight rows side by side: half of the thresholds that are left in each step. */
export function rankKernel(rows: readonly number[], steps: number): WasmFunction {
  const f = new WasmFunction(7);
  const [values, thresholds, ranks, twin, groups, groupBytes, missing] = [0, 1, 2, 3, 4, 5, 6] as const;
  const rank = f.local('i32');
  const value = rows.map(() => f.local('f64'));
  const place = rows.map(() => f.local('i32'));
  f.repeat(() => {
    for (const lane of rows) {
      f.get(values)
        .memory('f64.load', lane * VALUE_BYTES)
        .set(at(value, lane));
      f.get(thresholds).set(at(place, lane));
    }
    for (let half = 2 ** (steps - 1); half >= 1; half /= 2) {
      for (const lane of rows) {
        const own = at(place, lane);
        // The last threshold of the half: when it is smaller, so are all before it.
        f.get(own)
          .memory('f64.load', (half - 1) * VALUE_BYTES)
          .get(at(value, lane))
          .op('f64.lt');
        f.constant(Math.log2(half * VALUE_BYTES))
          .op('i32.shl')
          .get(own)
          .op('i32.add')
          .set(own);
      }
    }
    for (const lane of rows) {
      const own = at(value, lane);
      const store = () =>
        f
          .constant(LOWEST_RANK)
          .op('i32.add')
          .memory('i32.store16', 2 * lane);
      f.get(at(place, lane)).get(thresholds).op('i32.sub').constant(3).op('i32.shr_u').set(rank);
      // The twin first: where there is none, the ranks themselves come over it.
      f.get(ranks).get(twin).op('i32.add');
      f.constant(HIGHEST_RANK - LOWEST_RANK)
        .get(missing)
        .op('i32.sub');
      f.get(rank).get(own).get(own).op('f64.ne', 'select');
      store();
      f.get(ranks).get(missing).get(rank).get(own).get(own).op('f64.ne', 'select');
      store();
    }
    f.advance(values, ROWS_PER_GROUP * VALUE_BYTES);
    f.get(ranks).get(groupBytes).op('i32.add').set(ranks);
    f.countDown(groups);
  });
  return f;
}
