/**
 * One start of the built desktop app, measured: `desktop-start-process.ts FOLDER` prints one JSON line with milliseconds since the start of the main
 * process and MiB of each part. With Electron where there is one, else with its stand-in, whose browser starts within these times as well.
 */
import { readFileSync } from 'node:fs';
import { desktopHome, startDesktop } from '../desktop/support/desktop-app.ts';

const startedAt = performance.now();
const since = () => performance.now() - startedAt;
const app = await startDesktop({ userData: process.argv[2] ?? '' });
try {
  const page = await app.firstWindow();
  // The waiting line, or already the page.
  await page.locator('[role=status], h1').first().waitFor();
  const windowMs = since();
  await page.evaluate(() => window.cloudoptim?.engine?.());
  const engineMs = since();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.getByRole('status', { name: 'Connection: Live' }).waitFor();
  const usefulMs = since();
  // Start-up work is over by then.
  await new Promise(resolve => setTimeout(resolve, 3_000));
  const enginePid =
    (await app.evaluate(
      ({ app: main }) => main.getAppMetrics().find(({ name }) => name === 'CloudOptim engine')?.pid,
    )) ?? 0;
  const ofMain = treeOf(app.pid).filter(pid => pid !== app.pid && pid !== enginePid);
  // The stand-in's browser is a child of this process, Electron's own processes are children of main.
  const ofBrowser =
    app.home === 'Electron'
      ? ofMain
      : treeOf(process.pid).filter(pid => !treeOf(app.pid).includes(pid) && pid !== process.pid);
  process.stdout.write(
    `${JSON.stringify({
      home: desktopHome,
      windowMs,
      engineMs,
      usefulMs,
      memory: {
        main: mibOf([app.pid]),
        engine: mibOf([enginePid]),
        'window and its browser': mibOf(ofBrowser),
      },
    })}\n`,
  );
} finally {
  await app.quit();
}

/** A process and all below it. */
function treeOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(treeOf)];
  } catch {
    return [];
  }
}

/** Memory where what several processes share counts once; `null` where the system does not say. */
function mibOf(pids: readonly number[]): number | null {
  try {
    return pids.reduce((sum, pid) => {
      const [, kib] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
      return sum + Number(kib) / 1024;
    }, 0);
  } catch {
    return null;
  }
}
