/** Writes of secrets a second that a deployment makes where nothing else is said: `secretWritesPerSecond`. */
export const SECRET_WRITES_PER_SECOND = 20;
