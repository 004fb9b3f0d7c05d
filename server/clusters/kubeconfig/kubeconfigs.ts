import { AppError } from '../../../common/errors.ts';
import { type ClusterLink, openClusterLink } from './cluster-link.ts';
import { KubeconfigFiles, type KubeconfigPlaces } from './kubeconfig-files.ts';
import type { ContextEntry, KubeconfigContext, ResolvedContext } from './merge-kubeconfigs.ts';

/** The contexts of this machine, and the ways to their clusters. */
export class Kubeconfigs {
  readonly #files: KubeconfigFiles;

  /** @param places where files are looked for; asked at each look */
  constructor(places: () => KubeconfigPlaces) {
    this.#files = new KubeconfigFiles(places);
  }

  /** The contexts as they are now. No program is run, and no cluster is asked. */
  async list(): Promise<{ readonly contexts: KubeconfigContext[]; readonly problems: string[] }> {
    const { entries, problems } = await this.#files.look();
    return { contexts: entries.map(({ context }) => context), problems: [...problems] };
  }

  /**
   * A context that can be used, as its file is now.
   * @param file where several files name such a context
   * @throws AppError `kubeconfig.unusable` where there is none, or where it cannot be used
   */
  async find(name: string, file?: string): Promise<ResolvedContext> {
    const { entries, problems } = await this.#files.look();
    const entry = entries.find(
      ({ context }) => context.name === name && (file === undefined || context.file === file),
    );
    if (entry === undefined) throw unknown(name, entries, problems);
    if (isResolved(entry)) return entry;
    throw new AppError('kubeconfig.unusable', entry.context.problem ?? `Context "${name}" cannot be used.`);
  }

  /** Signs in with the credentials of a context. @throws AppError as `openClusterLink` */
  open(context: ResolvedContext, signal: AbortSignal): Promise<ClusterLink> {
    return openClusterLink(context, signal);
  }
}

function isResolved(entry: ContextEntry): entry is ResolvedContext {
  return entry.server !== undefined && entry.cluster !== undefined;
}

function unknown(name: string, entries: readonly ContextEntry[], problems: readonly string[]): AppError {
  const known = entries.map(({ context }) => context.name);
  return new AppError('kubeconfig.unusable', `There is no context "${name}".`, {
    hint: [
      ...(known.length === 0
        ? ['No kubeconfig names any.']
        : [`Known are ${known.slice(0, 20).join(', ')}.`]),
      ...problems,
    ].join(' '),
  });
}
