/** Entry of the utility process: the very engine that runs headless, on a free loopback port. */
import { AppError } from '../../common/errors.ts';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import type { EngineHears, EngineSays, EngineStart } from './engine-messages.ts';

const say = (message: EngineSays) => process.parentPort.postMessage(message);

let engine: Engine | undefined;

let kubeconfigFolder: string | undefined;

process.parentPort.once('message', ({ data }) => {
  process.parentPort.on('message', ({ data: told }) => {
    kubeconfigFolder = (told as EngineHears).folder;
    engine?.readKubeconfigsIn(kubeconfigFolder);
  });
  kubeconfigFolder = (data as EngineStart).kubeconfigFolder;
  start(data as EngineStart).catch((error: unknown) => {
    const reason = error instanceof AppError ? `${error.message} ${error.hint}` : String(error);
    say({ kind: 'failed', reason });
    process.exit(error instanceof AppError ? 2 : 1);
  });
});

process.once('SIGTERM', () => {
  void (engine?.close() ?? Promise.resolve()).finally(() => process.exit(0));
});

async function start({
  dataFolder,
  allowedOrigin,
  kubeconfigFolder: _,
  ...parts
}: EngineStart): Promise<void> {
  const settings = loadSettings({ data: dataFolder, port: 0, allowedOrigins: [allowedOrigin] }, process.env);
  engine = await createEngine({ ...parts, settings, uiFolder: undefined });
  // It may have been chosen while the engine started; without any, that of the environment stays.
  if (kubeconfigFolder !== undefined) engine.readKubeconfigsIn(kubeconfigFolder);
  say({ kind: 'ready', baseUrl: engine.url, token: engine.launchToken });
}
