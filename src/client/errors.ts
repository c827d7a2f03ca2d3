// What can go wrong between a device and a server, as errors of their own kinds.

/** The server answered with an HTTP status other than 200 (MS-ASHTTP section 2.2.2.1.1, Status Line). */
export class HttpStatusError extends Error {
  override name = 'HttpStatusError';
  readonly command: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;

  constructor(
    command: string,
    answer: {
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: Buffer;
    },
  ) {
    super(`${command}: HTTP ${answer.status}`);
    this.command = command;
    this.status = answer.status;
    this.headers = answer.headers;
    this.body = answer.body;
  }
}

/** The server answered with a Status other than success. `place` names what it stands for: the whole command, a collection, an item. */
export class EasStatusError extends Error {
  override name = 'EasStatusError';
  readonly command: string;
  readonly status: number;
  readonly place: string;

  constructor(command: string, status: number, place: string) {
    super(`${command}: Status ${status} for ${place}`);
    this.command = command;
    this.status = status;
    this.place = place;
  }
}

/** The answer is not what the protocol allows: an element that must be there is missing, a multipart structure is broken. */
export class MalformedAnswerError extends Error {
  override name = 'MalformedAnswerError';
}

/** No answer in time. */
export class AnswerTimeoutError extends Error {
  override name = 'AnswerTimeoutError';
}
