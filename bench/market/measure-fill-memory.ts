import { openFillWorld } from '../../tests/support/fill-world.ts';
import { figureLine, ratioLine, spreadOf } from '../figures.ts';

/** Shares of a fill at which memory is read, in percent. */
const SHARES = [10, 50, 100];

/**
 * The most memory of a process that fills 90 days of a region, by how far it has come: flat, whatever there is to fill.
 * `CLOUDOPTIM_TEST_PRODUCTS=all` fills all products of the region instead of Linux alone.
 * @throws Error when the fill does not end well
 */
export async function measureFillMemory(): Promise<void> {
  const world = await openFillWorld('fill');
  try {
    const peaks = new Map<number, number>();
    const { last } = await world.runFill(({ percent, peakMib }) => {
      for (const share of SHARES) if (percent >= share && !peaks.has(share)) peaks.set(share, peakMib);
      return false;
    });
    if (last.state !== 'succeeded') throw new Error(`The fill ended as ${last.state}: ${last.message}`);
    peaks.set(100, last.peakMib);
    process.stdout.write(
      [
        `90 days filled: ${last.newRows.toLocaleString('en-US')} rows in ${last.requests} requests`,
        ...SHARES.map(share =>
          figureLine(
            `most memory of the filling process, ${share} %`,
            spreadOf([peaks.get(share) ?? Number.NaN]),
            'MiB',
          ),
        ),
        ratioLine(
          'most memory, whole fill / a tenth of it',
          (peaks.get(100) ?? Number.NaN) / (peaks.get(10) ?? Number.NaN),
        ),
        '',
      ].join('\n'),
    );
  } finally {
    await world.close();
  }
}
