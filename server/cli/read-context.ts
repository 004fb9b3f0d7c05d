import { homedir } from 'node:os';
import { AppError } from '../../common/errors.ts';
import { filesOfVariable, Kubeconfigs } from '../clusters/index.ts';
import { readCluster, type Snapshot } from '../decisions/index.ts';
import { ProgressLine } from './progress-line.ts';

/**
 * What a plan needs, read from the cluster of a context; says on standard error how far it is.
 * @throws AppError as `Kubeconfigs` and `readCluster`; `input.invalid` when `signal` aborts first
 */
export async function readContext(
  name: string,
  file: string | undefined,
  signal: AbortSignal,
): Promise<Snapshot> {
  // With --kubeconfig, as with kubectl, no other file counts.
  const kubeconfigs = new Kubeconfigs(() =>
    file === undefined
      ? { files: filesOfVariable(process.env.KUBECONFIG), home: homedir() }
      : { files: [file] },
  );
  const context = await kubeconfigs.find(name);
  if (context.context.runs !== null) process.stderr.write(`${context.context.runs} signs in …\n`);
  const line = new ProgressLine();
  try {
    const link = await kubeconfigs.open(context, signal);
    try {
      return await readCluster(link, signal, ({ reading, objects }) =>
        line.show(`Reading ${reading} of ${link.host}: ${objects.toLocaleString('en-US')} objects`),
      );
    } finally {
      link.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new AppError('input.invalid', `${name} had not been read when it was stopped.`, {
      hint: 'Nothing was changed; start again to plan for it.',
    });
  } finally {
    line.end();
  }
}
