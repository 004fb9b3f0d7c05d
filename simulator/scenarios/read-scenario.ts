import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { type Scenario, scenario } from './scenario.ts';

const ENDING = '.yaml';
export const DEFAULT_SCENARIO = 'small-shop';

/** Why a scenario cannot be used: one sentence that names the line and the value. */
export class WrongScenario extends Error {}

/** Names of the scenarios that are shipped. */
export function shippedScenarios(): string[] {
  return readdirSync(import.meta.dirname)
    .filter(name => name.endsWith(ENDING))
    .map(name => basename(name, ENDING))
    .sort();
}

/** A shipped scenario by its name, or one from a file. Throws `WrongScenario`. */
export function readScenario(nameOrFile: string): Scenario {
  const names = shippedScenarios();
  const path = names.includes(nameOrFile) ? join(import.meta.dirname, nameOrFile + ENDING) : nameOrFile;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new WrongScenario(
      `there is no such file, and the names of those that are shipped are ${names.join(', ')}.`,
    );
  }
  return parseScenario(text);
}

/** Reads the text of a scenario. Throws `WrongScenario`. */
export function parseScenario(text: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken)
    throw new WrongScenario(`line ${lines.linePos(broken.pos[0]).line} is no YAML: ${broken.message}.`);
  if (document.contents === null) throw new WrongScenario('the file is empty.');
  const parsed = scenario.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(issue?.path ?? [], issue?.message ?? 'it cannot be read');
  }
  const found = parsed.data;
  const pools = found.nodePools.map(({ name }) => name);
  for (const [index, { pool }] of found.nodes.entries())
    if (!pools.includes(pool)) throw wrong(['nodes', index, 'pool'], `name one of ${pools.join(', ')}`);
  for (const [index, { name, copies }] of found.workloads.entries())
    if (copies > 1 && !name.includes('{n}'))
      throw wrong(['workloads', index, 'name'], 'put {n} where the number of each copy goes');
  return found;

  /** Names what stands at a path, and the line where it, or the nearest thing around it, begins. */
  function wrong(path: readonly PropertyKey[], why: string): WrongScenario {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (!isNode(node) || !node.range) continue;
      const value = length === path.length ? document.getIn(path) : undefined;
      const said = typeof value === 'object' || value === undefined ? '' : ` is ${JSON.stringify(value)}`;
      const where = path.length === 0 ? 'the file' : path.join('.');
      const reason = why.charAt(0).toLowerCase() + why.slice(1);
      return new WrongScenario(`line ${lines.linePos(node.range[0]).line}, ${where}${said}: ${reason}.`);
    }
    return new WrongScenario(`${path.join('.')}: ${why}.`);
  }
}
