/** Version of the agent, as told in the handshake and at enrolment. */
export const agentVersion = '0.1.0';
