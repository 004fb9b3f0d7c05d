import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

/** Spot prices of every size of the shop's families at about a third of the list price, told an hour ago; `folder` takes the file, `data` is that of the engine. */
export function importSpotPrices(folder: string, data: string, databaseUrl?: string): void {
  const prices = {
    'm5.large': 0.032,
    'm5.xlarge': 0.064,
    'm5.2xlarge': 0.13,
    'c5.xlarge': 0.057,
    'r5.xlarge': 0.084,
  };
  const at = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+Z$/, '+00:00');
  const rows = zones.flatMap(zone =>
    Object.entries(prices).map(
      ([type, price]) => `SPOTPRICEHISTORY\t${zone}\t${type}\tLinux/UNIX\t${price.toFixed(4)}\t${at}\n`,
    ),
  );
  const file = join(folder, 'prices.txt');
  writeFileSync(file, rows.join(''));
  const command = [join(root, 'server/main.ts'), 'market', 'import', file, '--data', data];
  const { status, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env: { ...process.env, ...(databaseUrl ? { CLOUDOPTIM_DATABASE_URL: databaseUrl } : {}) },
  });
  if (status !== 0) throw new Error(`the prices were not imported: ${stderr}`);
}
