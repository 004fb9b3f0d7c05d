import { pickFiles } from './pick-files.ts';

/** Asks the reader for files of models and manifests. Calls back once they are chosen; never when it is cancelled. */
export function pickModelFiles(onChosen: (files: readonly File[]) => void): void {
  pickFiles('.onnx,.pkl,.pickle,.joblib,.gz,.z,.ubj,.txt,.json', onChosen);
}
