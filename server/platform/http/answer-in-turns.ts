import { ResponseSerializationError } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { inTurns } from '../turns/in-turns.ts';

/** Lists from so many items on are checked and written in pieces. */
const LONG = 500;
const PIECE_ITEMS = 100;

type Field = readonly [name: string, items: readonly unknown[], element: z.ZodType];

/**
 * An answer as JSON, where it is an object with long lists: the same text as at once, checked by the same schema, but between the pieces of its lists
 * everybody else gets a turn. `undefined` where it has none, so that the usual way is the shortest.
 * @throws ResponseSerializationError where the answer is not what the contract says
 */
export async function answerInTurns(
  schema: z.ZodType,
  answer: unknown,
  route: { readonly method: string; readonly url: string },
): Promise<string | undefined> {
  if (!(schema instanceof z.ZodObject) || typeof answer !== 'object' || answer === null) return undefined;
  const long = Object.entries(answer).flatMap(([name, value]): Field[] => {
    const element = Array.isArray(value) && value.length >= LONG ? elementOf(schema.shape[name]) : undefined;
    return element ? [[name, value as unknown[], element]] : [];
  });
  return long.length === 0 ? undefined : inTurns(pieces(schema, answer, long, route));
}

function* pieces(
  schema: z.ZodObject,
  answer: object,
  long: readonly Field[],
  route: { readonly method: string; readonly url: string },
): Generator<void, string> {
  const encode = (of: z.ZodType, value: unknown): unknown => {
    const result = z.safeEncode(of, value as never);
    if (result.error) throw new ResponseSerializationError(route.method, route.url, { cause: result.error });
    return result.data;
  };
  const emptied = { ...answer, ...Object.fromEntries(long.map(([name]) => [name, []])) };
  const rest = encode(schema, emptied) as Record<string, unknown>;
  yield;
  const texts = new Map<string, string>();
  for (const [name, items, element] of long) {
    const list = z.array(element);
    const parts: string[] = [];
    for (let from = 0; from < items.length; from += PIECE_ITEMS) {
      const text = JSON.stringify(encode(list, items.slice(from, from + PIECE_ITEMS)));
      parts.push(text.slice(1, -1));
      yield;
    }
    texts.set(name, `[${parts.join(',')}]`);
  }
  const fields = Object.entries(rest).flatMap(([name, value]) => {
    const text = texts.get(name) ?? JSON.stringify(value);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${fields.join(',')}}`;
}

/** What the items of a list have to be; `undefined` of anything else, and of a list with rules of its own. */
function elementOf(field: unknown): z.ZodType | undefined {
  let schema = field;
  while (
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  )
    schema = schema.unwrap();
  if (!(schema instanceof z.ZodArray) || schema.def.checks?.length) return undefined;
  return schema.element as z.ZodType;
}
