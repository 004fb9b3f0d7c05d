/** Endings of what the engine reads; it judges by bytes, so this only tidies the dialog. */
const ENDINGS = '.onnx,.pkl,.pickle,.joblib,.gz,.z,.ubj,.txt,.json';

/** Asks the reader for files of models and manifests. Calls back once they are chosen; never when it is cancelled. */
export function pickModelFiles(onChosen: (files: readonly File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = ENDINGS;
  input.addEventListener('change', () => onChosen([...(input.files ?? [])]));
  input.click();
}
