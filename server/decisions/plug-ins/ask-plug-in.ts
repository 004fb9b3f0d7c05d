import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CappedChild,
  type ChildOutcome,
  defaultChildLimits,
  describeOutcome,
  type Logger,
} from '../../platform/index.ts';
import {
  defaultPlugInLimits,
  type PlugInFailure,
  type PlugInKind,
  type PlugInLimits,
  type PlugInReply,
  type PlugInRequest,
} from './plug-in-messages.ts';

/** How children of plug-ins are started. */
export interface PlugInSettings {
  readonly nodePath: string;
  /** The child's script; the one beside this file unless the program is bundled. */
  readonly script?: string;
  readonly limits?: PlugInLimits;
}

/** A module to run. */
export interface PlugInModule {
  readonly kind: PlugInKind;
  readonly bytes: Uint8Array;
}

/** What a plug-in gave, or why nothing. */
export type PlugInOutcome =
  | { readonly ok: true; readonly manifestText: string | null; readonly answerText: string | null }
  | PlugInFailure;

/** A process needs this long to start and compile a module, on a busy machine. */
const OPEN_DEADLINE_MS = 20_000;
/** A JavaScript engine is stopped from within at its deadline; only what cannot be stopped so is killed. */
const GRACE_MS = 1_000;
const KIB_PER_PAGE = 64;
const BYTES_PER_MIB = 1024 ** 2;
/** QuickJS itself, and what it holds beside the plug-in's own objects. */
const OVERHEAD_MIB = 128;

/**
 * Opens a module in a process of its own and, given an input, lets it decide once. The process ends in any case: no state is left
 * from one decision to the next.
 * @param inputText JSON; left out to learn the manifest only
 */
export async function askPlugIn(
  module: PlugInModule,
  settings: PlugInSettings,
  log: Logger,
  inputText?: string,
): Promise<PlugInOutcome> {
  const limits = settings.limits ?? defaultPlugInLimits;
  const child = new CappedChild({
    ...defaultChildLimits,
    addressSpaceBytes:
      defaultChildLimits.addressSpaceBytes + wasmMib(module.kind, limits) * 2 * BYTES_PER_MIB,
    nodePath: settings.nodePath,
    script:
      settings.script ??
      fileURLToPath(new URL(`./plug-in-child${extname(import.meta.url)}`, import.meta.url)),
    nodeFlags: nodeFlagsFor(wasmMib(module.kind, limits)),
    log,
  });
  const ask = async (request: PlugInRequest, deadlineMs: number): Promise<PlugInReply> => {
    const outcome = await child.request(request, deadlineMs);
    return outcome.kind === 'answer' ? replyOf(outcome.value) : refusalOf(outcome);
  };
  try {
    const opened = await ask(
      { kind: 'open', module: module.kind, bytes: module.bytes, limits },
      OPEN_DEADLINE_MS + limits.deadlineMs,
    );
    if (!opened.ok) return opened;
    if (inputText === undefined) return { ok: true, manifestText: opened.text, answerText: null };
    const graceMs = module.kind === 'javascript' ? GRACE_MS : 0;
    const decided = await ask({ kind: 'decide', input: inputText }, limits.deadlineMs + graceMs);
    return decided.ok ? { ok: true, manifestText: opened.text, answerText: decided.text } : decided;
  } finally {
    await child.close();
  }
}

/** Most memory of WebAssembly in the child. V8 reserves all of it at once, and again while it moves a memory that grows. */
function wasmMib(kind: PlugInKind, { memoryMib }: PlugInLimits): number {
  return kind === 'javascript' ? memoryMib + OVERHEAD_MIB : memoryMib;
}

function nodeFlagsFor(mib: number): string[] {
  return [
    // No writing, no processes, no workers, no native code, should anything ever get out of WebAssembly.
    '--permission',
    '--allow-fs-read=*',
    '--disallow-code-generation-from-strings',
    // Guard regions of 8 GB would not fit under the cap of address space; bounds are checked by code then.
    '--disable-wasm-trap-handler',
    `--wasm-max-mem-pages=${(mib * 1024) / KIB_PER_PAGE}`,
    // Deep recursion in QuickJS must meet its own limit first.
    '--stack-size=3900',
  ];
}

/** The child is not trusted to say what it should. */
function replyOf(value: unknown): PlugInReply {
  const { ok, text, reason, isFault, isOverrun } = (value ?? {}) as Record<string, unknown>;
  if (ok === true && (typeof text === 'string' || text === null)) return { ok, text };
  if (ok === false && typeof reason === 'string')
    return { ok, reason, isFault: isFault === true, isOverrun: isOverrun === true };
  return {
    ok: false,
    reason: 'its process gave no answer that can be read',
    isFault: true,
    isOverrun: false,
  };
}

function refusalOf(outcome: Exclude<ChildOutcome, { kind: 'answer' }>): PlugInReply {
  const isOverrun = outcome.kind === 'timed-out';
  return { ok: false, reason: describeOutcome(outcome), isFault: true, isOverrun };
}
