/** Writes a second that Parameter Store takes of everybody in an account and Region, as one plans with it. */
export const PARAMETER_WRITES_PER_SECOND = 3;
