/** What the main process hands to the engine process at its start. */
export interface EngineStart {
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  readonly version: string;
  readonly allowedOrigin: string;
  /** Node for child processes; the Electron binary cannot play that part once its fuses are set. */
  readonly nodePath: string;
  /** The built script of the engine's inference children. */
  readonly inferenceScript: string;
  /** The built script of the children of uploaded decision engines. */
  readonly plugInScript: string;
  /** Folder of kubeconfigs that the person chose; absent where none is. */
  readonly kubeconfigFolder?: string | undefined;
}

/** What the main process says to the engine process afterwards. */
export interface EngineHears {
  readonly kind: 'kubeconfig-folder';
  readonly folder: string | undefined;
}

/** What the engine process says to the main process. */
export type EngineSays =
  | { readonly kind: 'ready'; readonly baseUrl: string; readonly token: string }
  | { readonly kind: 'failed'; readonly reason: string };
