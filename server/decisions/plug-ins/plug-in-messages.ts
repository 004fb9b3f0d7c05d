/** What kind of module a plug-in is. */
export type PlugInKind = 'javascript' | 'webassembly';

/** Caps of a plug-in. The child's own limits are a little wider, so that most breaches are told rather than killed. */
export interface PlugInLimits {
  /** For one decision, without the start of the process. */
  readonly deadlineMs: number;
  /** What the plug-in itself may hold. */
  readonly memoryMib: number;
  /** Longest answer, in UTF-16 units for JavaScript and in bytes for WebAssembly. */
  readonly outputUnits: number;
}

/**
 * What holds unless told otherwise. 1,000 nodes with 20,000 pods are 8.5 MB of JSON, which QuickJS reads in 0.3 s and 40 MiB
 * (measured with quickjs-emscripten 0.32).
 */
export const defaultPlugInLimits: PlugInLimits = {
  deadlineMs: 10_000,
  memoryMib: 256,
  outputUnits: 8 * 1024 * 1024,
};

/** What the child of a plug-in is asked: first to open the module, then to decide. Texts are JSON. */
export type PlugInRequest =
  | {
      readonly kind: 'open';
      readonly module: PlugInKind;
      readonly bytes: Uint8Array;
      readonly limits: PlugInLimits;
    }
  | { readonly kind: 'decide'; readonly input: string };

/** Answer to both: the manifest that the module carries (`null`: none) or what it decided, else why not. */
export type PlugInReply = { readonly ok: true; readonly text: string | null } | PlugInFailure;

/** Why there is no answer. `isFault`: it broke a cap or died; `isOverrun`: the cap was its deadline. */
export interface PlugInFailure {
  readonly ok: false;
  readonly reason: string;
  readonly isFault: boolean;
  readonly isOverrun: boolean;
}

/** A module that does not do what it must. `isFault`: it broke a cap, which counts as a crash; `isOverrun`: that of time. */
export class PlugInProblem extends Error {
  readonly isFault: boolean;
  readonly isOverrun: boolean;

  constructor(message: string, isFault = false, isOverrun = false) {
    super(message);
    this.isFault = isFault;
    this.isOverrun = isOverrun;
  }
}

/** An opened module, in its child. */
export interface OpenedModule {
  /** JSON of the manifest that the module carries, if any. */
  readonly manifestText: string | null;
  /** @throws PlugInProblem */
  decide(inputText: string): string;
}
