/** The longest call that a deployment may allow: two days. It bounds how long an audio can be. */
export const LONGEST_CALL_SECONDS = 172_800;
