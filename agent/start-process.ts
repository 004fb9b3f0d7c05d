import { setFlagsFromString } from 'node:v8';
import { runAgent } from './agent.ts';
import { AgentStop } from './agent-stop.ts';
import { readSettings, usageText } from './settings.ts';

/**
 * The agent as a process: options and environment in, logs on standard error, one line on standard output when it is
 * connected. Resolves with the exit code: 0 asked to end, 1 a bug, 2 bad input, 3 turned away by the server.
 */
export async function startProcess(): Promise<number> {
  // The agent holds little and makes much short-lived garbage: small young generations cost some CPU and save tens of MB.
  setFlagsFromString('--max-semi-space-size=2');
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
