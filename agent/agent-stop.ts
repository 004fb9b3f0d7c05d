/** Ends the agent: one sentence for standard error and the exit code (2 bad input, 3 turned away by the server). */
export class AgentStop extends Error {
  override readonly name = 'AgentStop';
  readonly exitCode: 2 | 3;

  constructor(exitCode: 2 | 3, sentence: string) {
    super(sentence);
    this.exitCode = exitCode;
  }
}
