import type { BigIntStats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { type ContextEntry, mergeKubeconfigs } from './merge-kubeconfigs.ts';
import { type KubeconfigReading, parseKubeconfig } from './parse-kubeconfig.ts';

/** Where kubeconfigs are looked for. */
export interface KubeconfigPlaces {
  /** Named by somebody: each has to be there. The first ones count where names are the same. */
  readonly files: readonly string[];
  /** Home of the user, whose `.kube/config` comes after them. */
  readonly home?: string | undefined;
  /** Each file in it is read on its own. */
  readonly folder?: string | undefined;
}

/** Files that the variable `KUBECONFIG` names, separated as the system separates those of PATH. */
export function filesOfVariable(text = ''): string[] {
  return text.split(delimiter).filter(path => path !== '');
}

/** What the files say now. */
export interface KubeconfigListing {
  readonly entries: readonly ContextEntry[];
  /** What cannot be used; one sentence each, with the path. */
  readonly problems: readonly string[];
}

/** Larger ones are no kubeconfigs. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_FILES = 200;

/**
 * The kubeconfigs of this machine, as they are whenever somebody asks: a file that was replaced, also by moving another one or a symbolic link
 * in its place, is read again; one that is the same is not. Nothing is run, and nothing is kept of files that are gone.
 */
export class KubeconfigFiles {
  readonly #places: () => KubeconfigPlaces;
  #known = new Map<string, { readonly print: string; readonly reading: KubeconfigReading }>();

  /** @param places asked at each look */
  constructor(places: () => KubeconfigPlaces) {
    this.#places = places;
  }

  /** Reads what has changed. Never rejects: what cannot be read is told in a sentence. */
  async look(): Promise<KubeconfigListing> {
    const { files, home, folder } = this.#places();
    const named = [...new Set(files.map(path => resolve(path)))];
    const usual = home === undefined ? undefined : resolve(home, '.kube', 'config');
    const seen = new Map<string, { readonly print: string; readonly reading: KubeconfigReading }>();
    const read = async (file: string, isExpected: boolean): Promise<KubeconfigReading> => {
      const known = await this.#read(file, isExpected);
      seen.set(file, known);
      return known.reading;
    };
    const merged: KubeconfigReading[] = [];
    for (const path of named) merged.push(await read(path, true));
    if (usual !== undefined && !named.includes(usual)) merged.push(await read(usual, false));
    const alone: KubeconfigReading[] = [];
    const list = folder === undefined ? { files: [] } : await filesIn(resolve(folder));
    for (const path of list.files) if (!seen.has(path)) alone.push(ownOf(await read(path, true)));
    this.#known = seen;
    const configs = (readings: readonly KubeconfigReading[]) =>
      readings.flatMap(({ config }) => config ?? []);
    return {
      entries: [
        ...mergeKubeconfigs(configs(merged)),
        // Several of one folder mostly come from several clusters that all call theirs "default".
        ...configs(alone).flatMap(config => notCurrent(mergeKubeconfigs([config]))),
      ],
      problems: [
        ...[...merged, ...alone].flatMap(({ problem }) => problem ?? []),
        ...(list.problem === undefined ? [] : [list.problem]),
      ],
    };
  }

  async #read(file: string, isExpected: boolean) {
    let print = 'none';
    try {
      const found = await stat(file, { bigint: true });
      print = printOf(found);
      const known = this.#known.get(file);
      if (known?.print === print) return known;
      const problem = unreadable(file, found);
      if (problem !== undefined) return { print, reading: { problem } };
      return { print, reading: parseKubeconfig(await readFile(file, 'utf8'), file) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT')
        return { print, reading: isExpected ? { problem: `${file} does not exist.` } : {} };
      return { print, reading: { problem: `${file} cannot be read (${code ?? 'unknown reason'}).` } };
    }
  }
}

/** What tells a replaced file from the one before, through symbolic links. */
function printOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join('/');
}

function unreadable(file: string, found: BigIntStats): string | undefined {
  if (!found.isFile()) return `${file} is no file.`;
  return found.size > MOST_BYTES ? `${file} is too large for a kubeconfig.` : undefined;
}

/** Files of a folder, those that begin with a dot left out: mounted secrets keep theirs behind such names. */
async function filesIn(
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly problem?: string }> {
  try {
    const names = (await readdir(folder)).filter(name => !name.startsWith('.')).sort();
    const files: string[] = [];
    for (const name of names) {
      const path = join(folder, name);
      // A link that leads nowhere is told when it is read.
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || found.isFile()) files.push(path);
    }
    const taken = files.slice(0, MOST_FILES);
    if (taken.length === files.length) return { files };
    return {
      files: taken,
      problem: `${folder} holds ${files.length} files; the first ${MOST_FILES} are read.`,
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { files: [], problem: `The folder ${folder} cannot be read (${code ?? 'unknown reason'}).` };
  }
}

/** Other files may lie in a chosen folder: what is no kubeconfig is no fault there. */
function ownOf(reading: KubeconfigReading): KubeconfigReading {
  return reading.isSomethingElse === true ? {} : reading;
}

/** The current context is that of kubectl, which does not know the folder. */
function notCurrent(entries: readonly ContextEntry[]): ContextEntry[] {
  return entries.map(entry => ({ ...entry, context: { ...entry.context, isCurrent: false } }));
}
