export { kindOfStreamError } from '../ports/stream-errors.ts';
