import { parseDocument } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

/** A cluster, user or context of a kubeconfig as it is written there. */
export interface KubeconfigEntry {
  readonly name: string;
  readonly fields: Fields;
  /** Relative paths in it count from the folder of this file. */
  readonly file: string;
}

/** What a kubeconfig names. */
export interface Kubeconfig {
  readonly file: string;
  readonly clusters: readonly KubeconfigEntry[];
  readonly users: readonly KubeconfigEntry[];
  readonly contexts: readonly KubeconfigEntry[];
  readonly currentContext: string | null;
}

/** What came of a file: its entries, and in one sentence what of it cannot be used. */
export interface KubeconfigReading {
  /** Absent where nothing of it can be used, or where it is something else. */
  readonly config?: Kubeconfig;
  readonly problem?: string;
  /** It can be read, and is no kubeconfig at all. */
  readonly isSomethingElse?: true;
}

const LISTS = ['clusters', 'users', 'contexts'] as const;

/**
 * Reads the text of a kubeconfig. One entry that cannot be used takes none of the others with it.
 * @param file its path, for messages. What stands in the file is in none of them: it may hold a password
 */
export function parseKubeconfig(text: string, file: string): KubeconfigReading {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    return { problem: `${file} is no YAML: line ${line} cannot be read.` };
  }
  const root = plain(() => document.toJS({ maxAliasCount: 100 }));
  if (!isFields(root) || !LISTS.some(list => list in root))
    return {
      problem: `${file} is no kubeconfig: it has no clusters, users or contexts.`,
      isSomethingElse: true,
    };
  const wrong = LISTS.find(list => root[list] != null && !Array.isArray(root[list]));
  if (wrong !== undefined) return { problem: `${file} is no kubeconfig: its ${wrong} are no list.` };
  const dropped: string[] = [];
  const entries = (list: (typeof LISTS)[number]): KubeconfigEntry[] =>
    ((root[list] ?? []) as unknown[]).flatMap((entry, index) => {
      const field = list.slice(0, -1);
      const name = isFields(entry) ? entry.name : undefined;
      // A user may be there without anything to show.
      const fields = isFields(entry) ? (entry[field] ?? {}) : undefined;
      if (typeof name === 'string' && name !== '' && isFields(fields)) return [{ name, fields, file }];
      dropped.push(`${list}[${index}]`);
      return [];
    });
  const current = root['current-context'];
  const config = {
    file,
    clusters: entries('clusters'),
    users: entries('users'),
    contexts: entries('contexts'),
    currentContext: typeof current === 'string' && current !== '' ? current : null,
  };
  if (dropped.length === 0) return { config };
  return {
    config,
    problem: `${file}: ${dropped.join(', ')} cannot be read, and ${dropped.length === 1 ? 'is' : 'are'} left out.`,
  };
}

/** A text field of an entry; `undefined` where it is not there, or empty. */
export function textField({ fields }: Pick<KubeconfigEntry, 'fields'>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `undefined` for what aliases would blow up. */
function plain(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
