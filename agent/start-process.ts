import { setFlagsFromString } from 'node:v8';
import { runAgent } from './agent.ts';
import { AgentStop } from './agent-stop.ts';
import { readSettings, usageText } from './settings.ts';

/**
 * The agent holds little and makes much short-lived garbage. Measured with 10,000 pods, peak of resident memory: 310 MB with the defaults of
 * V8, 115 to 121 with a small heap, 95 to 102 without the optimizing compilers, whose own code and graphs are resident once they run; bare Node
 * takes 43. The price is about a third more processor time, most of it in the first list.
 */
const smallHeap = [
  ...['--max-semi-space-size=1', '--heap-growing-percent=10', '--optimize-for-size'],
  ...['--no-opt', '--no-maglev'],
];

/**
 * The agent as a process: options and environment in, logs on standard error, one line on standard output when it is
 * connected. Resolves with the exit code: 0 asked to end, 1 a bug, 2 bad input, 3 turned away by the server,
 * 4 another replica leads now; started again, the agent waits for its turn.
 */
export async function startProcess(): Promise<number> {
  for (const flag of smallHeap) setFlagsFromString(flag);
  const end = new AbortController();
  const stop = () => end.abort();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  try {
    const settings = readSettings(process.argv.slice(2), process.env);
    if (settings === 'help') {
      process.stdout.write(usageText);
      return 0;
    }
    if (settings.untilStdinCloses) process.stdin.on('end', stop).on('error', stop).resume();
    await runAgent({
      settings,
      environment: process.env,
      signal: end.signal,
      writeLog: line => process.stderr.write(line),
      onReady: line => process.stdout.write(`${line}\n`),
    });
    return 0;
  } catch (error) {
    if (error instanceof AgentStop) {
      process.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`The agent failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}
