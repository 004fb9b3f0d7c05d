import { type NodeFacts, nodeRefusal } from './node-rules.ts';
import type { PodRules } from './problem.ts';

/** Which bins let pods in by label, taint and zone, worked out once for all pods that ask for the same. */
export class OpenBins {
  readonly #facts: readonly NodeFacts[];
  readonly #keys = new Map<PodRules, string>();
  readonly #rows = new Map<string, Uint8Array>();
  readonly #domains = new Map<string, readonly string[]>();

  /** @param facts the nodes of all bins */
  constructor(facts: readonly NodeFacts[]) {
    this.#facts = facts;
  }

  /** The same text for pods that the same nodes let in. */
  keyOf(rules: PodRules): string {
    const known = this.#keys.get(rules);
    if (known !== undefined) return known;
    const { nodeSelector, nodeAffinity, tolerations, volumeZones } = rules;
    const key = JSON.stringify([nodeSelector, nodeAffinity, tolerations, volumeZones]);
    this.#keys.set(rules, key);
    return key;
  }

  /** 1 for every bin that lets the pod in. */
  row(rules: PodRules): Uint8Array {
    const key = this.keyOf(rules);
    let row = this.#rows.get(key);
    if (!row) {
      row = Uint8Array.from(this.#facts, node => (nodeRefusal(rules, node) === undefined ? 1 : 0));
      this.#rows.set(key, row);
    }
    return row;
  }

  /** The same, on nodes with a label of this value. */
  rowWithin(rules: PodRules, { key, value }: { readonly key: string; readonly value: string }): Uint8Array {
    const row = this.row(rules);
    return row.map((open, t) => (open === 1 && this.#facts[t]?.labels[key] === value ? 1 : 0));
  }

  /** Values of a label among bins that let the pod in, in order. */
  domains(rules: PodRules, key: string): readonly string[] {
    const id = `${key} ${this.keyOf(rules)}`;
    let domains = this.#domains.get(id);
    if (!domains) {
      const row = this.row(rules);
      const values = new Set<string>();
      this.#facts.forEach(({ labels }, t) => {
        const value = labels[key];
        if (row[t] === 1 && value !== undefined) values.add(value);
      });
      domains = [...values].sort();
      this.#domains.set(id, domains);
    }
    return domains;
  }
}
