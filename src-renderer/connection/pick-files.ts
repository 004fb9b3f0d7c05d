/**
 * Asks the reader for files. Calls back once they are chosen; never when it is cancelled.
 * @param endings such as `.csv,.gz`: they only tidy the dialog, the engine judges by bytes
 */
export function pickFiles(
  endings: string,
  onChosen: (files: readonly File[]) => void,
  { several = true }: { readonly several?: boolean } = {},
): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = several;
  input.accept = endings;
  input.addEventListener('change', () => onChosen([...(input.files ?? [])]));
  input.click();
}
