import type { ManifestValues } from './manifest-values.ts';

/** What a part of the form gets. */
export interface FormPart {
  readonly values: ManifestValues;
  /** What stands against a field. */
  readonly problem: (field: string) => string | undefined;
  readonly onChange: (change: Partial<ManifestValues>) => void;
}
