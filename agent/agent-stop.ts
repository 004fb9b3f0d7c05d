/** Ends the agent: one sentence for standard error and the exit code (2 bad input, 3 turned away by the server, 4 another replica leads). */
export class AgentStop extends Error {
  override readonly name = 'AgentStop';
  readonly exitCode: 2 | 3 | 4;

  constructor(exitCode: 2 | 3 | 4, sentence: string) {
    super(sentence);
    this.exitCode = exitCode;
  }
}
