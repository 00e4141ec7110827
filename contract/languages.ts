/** What a contact attribute may say of a call's language, as the listener reads it and the stack checks it. */

/** A contact attribute's name. */
export const ATTRIBUTE_NAME = /^[\w .:-]{1,127}$/;
/** As a recogniser is told it: such as `en`, which Whisper's models know; with a dialect, `en-US`, where that is named. */
export const RECOGNISE_LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;
