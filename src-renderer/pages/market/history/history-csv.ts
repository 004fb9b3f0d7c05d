import { placeAt, type StepLine } from '../../../components/charts/steps/step-line.ts';
import { toCsv } from '../../../components/csv.ts';

/** Every step of some lines in a window, with the price in force at its begin; a hole begins with an empty price. */
export function historyCsv(lines: readonly StepLine[], fromS: number, toS: number): string {
  const rows: (string | number | null)[][] = [];
  for (const { id, atS, values, holesS, endS } of lines) {
    const steps: [number, number | null][] = [];
    for (let place = Math.max(0, placeAt(atS, fromS)); place < atS.length; place++) {
      const at = atS[place] ?? 0;
      if (at > toS) break;
      steps.push([at, values[place] ?? null]);
    }
    for (let hole = 0; hole < holesS.length; hole += 2) {
      const at = holesS[hole] ?? 0;
      if (at >= fromS && at <= Math.min(toS, endS)) steps.push([at, null]);
    }
    steps.sort(([a], [b]) => a - b);
    for (const [at, value] of steps) rows.push([id, new Date(at * 1_000).toISOString(), value]);
  }
  return toCsv(['Pool', 'From, UTC', 'USD/h'], rows);
}
