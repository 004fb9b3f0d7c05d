import { type EngineManifest, engineManifest } from '../../../common/contracts/index.ts';
import { parameterProblem } from './check-parameters.ts';

/** The manifest of an engine, or what is wrong with it in one sentence each. */
export type ReadManifest =
  | { readonly manifest: EngineManifest }
  | { readonly manifest: null; readonly problems: readonly string[] };

/**
 * Reads the manifest from beside a module, else from inside it.
 * @param beside JSON
 */
export function readManifest(beside: string | undefined, inside: string | null): ReadManifest {
  const text = beside ?? inside;
  if (text === null) {
    return refuse('there is no manifest: export one as "manifest", or give a JSON file beside the module');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('the manifest is no JSON');
  }
  const read = engineManifest.safeParse(value);
  if (!read.success) {
    return {
      manifest: null,
      problems: read.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'the manifest'}: ${message}`,
      ),
    };
  }
  const problems = Object.entries(read.data.parameters.properties).flatMap(([name, schema]) => {
    const problem = parameterProblem(schema, schema.default);
    return problem === undefined ? [] : [`parameters.properties.${name}.default: it must be ${problem}`];
  });
  return problems.length > 0 ? { manifest: null, problems } : { manifest: read.data };
}

function refuse(problem: string): ReadManifest {
  return { manifest: null, problems: [problem] };
}
