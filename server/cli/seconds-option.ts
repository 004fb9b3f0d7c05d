import { InvalidArgumentError } from 'commander';

/** Reads a time limit. @throws InvalidArgumentError for what is no number of seconds above 0 and up to a day */
export function secondsOption(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0 || value > 86_400) {
    throw new InvalidArgumentError('It must be a number of seconds above 0 and up to 86400.');
  }
  return value;
}
