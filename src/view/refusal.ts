import { oneLine } from '../core/index.ts';

/** A refusal with its HTTP status: one line for the caller. */
export class Refusal extends Error {
  readonly statusCode: number;

  constructor(statusCode: 400 | 403 | 404 | 409 | 503, message: string) {
    super(oneLine(message, 400));
    this.name = 'Refusal';
    this.statusCode = statusCode;
  }
}
