import { decisionSettings, type PolicyDocument, policyDocument } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { checkDocument } from './policy/check-document.ts';
import { parseText } from './policy/document-text.ts';

/**
 * A policy by a document in YAML or JSON, as the Policies page exports it; or by settings of its part `decisions`
 * alone. What it does not name is as by default.
 * @param name how the text is called in messages
 * @throws AppError `input.invalid` naming the first value that cannot be meant
 */
export function readPolicy(text: string, name: string): PolicyDocument {
  const value = parseText(text, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${name} is no object of settings.`);
  // A document wherever one of its parts is named; an empty one says the same either way.
  const isDocument = Object.keys(value).some(key => key in policyDocument.shape);
  const checked = checkDocument(isDocument ? value : { decisions: value });
  if (checked.ok) return checked.document;
  const [first] = checked.problems;
  const words = first?.text ?? '';
  throw invalid(`${name}: ${isDocument ? words : words.replaceAll('decisions.', '')}`);
}

function invalid(what: string): AppError {
  const settings = Object.keys(decisionSettings.shape).join(', ');
  return new AppError('input.invalid', what, {
    hint: `Parts of a policy are ${Object.keys(policyDocument.shape).join(', ')}; settings of its part decisions are ${settings}.`,
  });
}
