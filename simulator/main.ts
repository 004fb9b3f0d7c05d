import { startPretendWorld } from './pretend-world.ts';
import { readWorldFlags, WrongFlag } from './world-flags.ts';

/**
 * `node simulator/main.ts [flags]`: a pretend AWS region and a pretend cluster until SIGINT, SIGTERM or, when asked, until
 * standard input closes. Prints one JSON line with addresses and keys. Exits 2 with one sentence on a wrong flag.
 */
process.exitCode = await main().catch((error: unknown) => {
  const wrong = error instanceof WrongFlag;
  process.stderr.write(`${wrong ? error.message : String((error as Error).stack ?? error)}\n`);
  return wrong ? 2 : 1;
});

async function main(): Promise<number> {
  const flags = readWorldFlags(process.argv.slice(2));
  const world = await startPretendWorld(flags, Date.now);
  const ended = untilAskedToEnd(flags.untilStdinCloses);
  if (world.address.region !== flags.region) {
    process.stderr.write(
      `The recording is from ${world.address.region}, so that is the region instead of ${flags.region}.\n`,
    );
  }
  process.stdout.write(`${JSON.stringify(world.address)}\n`);
  await ended;
  await world.close();
  return 0;
}

function untilAskedToEnd(untilStdinCloses: boolean): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (!untilStdinCloses) return;
    process.stdin.once('end', () => resolve());
    process.stdin.once('close', () => resolve());
    process.stdin.resume();
  });
}
