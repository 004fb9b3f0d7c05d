import type { BoosterValue } from './booster-document.ts';
import { damagedBooster } from './damaged-booster.ts';

/**
 * Reads JSON as XGBoost and Python write it: like JSON, but `NaN`, `Infinity` and `-Infinity` may stand for numbers (`NaN`
 * comes back as null, which `numbersOf` reads as NaN).
 * @throws AppError `model.not-a-model` when it is no JSON
 */
export function readBoosterJson(text: string): BoosterValue {
  try {
    return JSON.parse(text) as BoosterValue;
  } catch (strict) {
    if (!/NaN|Infinity/.test(text))
      throw damagedBooster(`it is no JSON (${(strict as Error).message.slice(0, 80)})`);
  }
  try {
    return JSON.parse(withoutSpecialNumbers(text)) as BoosterValue;
  } catch (error) {
    throw damagedBooster(`it is no JSON (${(error as Error).message.slice(0, 80)})`);
  }
}

/** Goes from string to string, so that a feature called `NaN` keeps its name; linear in the text. */
function withoutSpecialNumbers(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const gap = text.slice(at, quote === -1 ? text.length : quote);
    parts.push(gap.replaceAll('NaN', 'null').replaceAll('Infinity', '1e999'));
    if (quote === -1) break;
    let close = quote + 1;
    while (close < text.length && text[close] !== '"') close += text[close] === '\\' ? 2 : 1;
    parts.push(text.slice(quote, close + 1));
    at = close + 1;
  }
  return parts.join('');
}
