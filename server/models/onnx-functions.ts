/** Calls of a graph or function body: how often it uses each operator, by `callKey`. */
export type Calls = Map<string, number>;

/** Functions call each other no deeper than real exporters nest modules. */
const DEEPEST_CALLS = 32;

/** Names an operator or function: its domain, name and overload. */
export function callKey(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload]);
}

/**
 * What stands against the functions that a model defines for itself. ONNX Runtime writes the body of a function in the place of
 * each call, so functions that call each other twice make a small file into an endless graph: what counts is the number of
 * nodes after that.
 * @param graph calls of the main graph and its branches
 * @returns a sentence, or `undefined` when they may be loaded
 */
export function whyNotFunctions(
  graph: Calls,
  functions: ReadonlyMap<string, Calls>,
  mostNodes: number,
): string | undefined {
  const sizes = new Map<string, number>();
  const open = new Set<string>();
  /** Nodes of a body once every call is written out. @throws string, the reason */
  const sizeOf = (body: Calls): number => {
    let nodes = 0;
    for (const [key, count] of body) {
      const called = functions.get(key);
      nodes += count * (called ? sizeOfFunction(key, called) : 1);
      if (nodes > mostNodes) throw `Its functions, written out, make more than ${mostNodes} nodes.`;
    }
    return nodes;
  };
  const sizeOfFunction = (key: string, body: Calls): number => {
    const known = sizes.get(key);
    if (known !== undefined) return known;
    const name = (JSON.parse(key) as [string, string])[1];
    if (open.has(key)) throw `Its function "${name}" calls itself, so that it never ends.`;
    if (open.size >= DEEPEST_CALLS) throw `Its functions call each other more than ${DEEPEST_CALLS} deep.`;
    open.add(key);
    const size = sizeOf(body);
    open.delete(key);
    sizes.set(key, size);
    return size;
  };
  try {
    // Every function counts, called or not: what lies there unused is checked by whoever loads it too.
    for (const [key, body] of functions) sizeOfFunction(key, body);
    sizeOf(graph);
    return undefined;
  } catch (reason) {
    if (typeof reason === 'string') return reason;
    throw reason;
  }
}
