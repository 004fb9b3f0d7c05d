/** Who did something, as people call them: `Ada (token_1f3…)` is `Ada`, `engine` is `the engine`. */
export function actorName(actor: string): string {
  if (actor === 'engine') return 'the engine';
  return actor.replace(/ \([^()]*\)$/, '');
}
