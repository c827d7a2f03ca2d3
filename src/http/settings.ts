// What an administrator may set of the HTTP side, with defaults. Sizes in octets, times in milliseconds unless named otherwise.

export interface HttpLimits {
  /** The largest request body, before and after inflating: beyond it 413. A message of 25 MB is 34 MB in base64. */
  readonly bodySize: number;
  /** The longest request target; beyond it 414. */
  readonly urlLength: number;
  /** All request headers together; beyond it 431. */
  readonly headerSize: number;
  /** For the headers of a request to arrive. */
  readonly headersTime: number;
  /** For a whole request to arrive: a large message over a slow line takes minutes. */
  readonly requestTime: number;
  /** Between two pieces of a request body; and for a client to take a piece of an answer. */
  readonly idleTime: number;
  /** How long a connection is kept for the next request; longer than proxies keep theirs. */
  readonly keepAliveTime: number;
  /** Open connections. Each held Ping is one. More are refused. */
  readonly connections: number;
  /** Requests at work at the same time, held ones not counted: beyond it 503. */
  readonly concurrentRequests: number;
  /** Seconds in Retry-After of a 503. */
  readonly retryAfterSeconds: number;
  /** Device partnerships of one user. */
  readonly devicesPerUser: number;
  /** Levels of nesting in a WBXML document. */
  readonly documentDepth: number;
  /** Elements in a WBXML document. */
  readonly documentElements: number;
}

export interface AuthenticationLimits {
  /** How long a verified credential counts without being verified again, after its last use. */
  readonly credentialTime: number;
  /** How long at most, however often it is used. */
  readonly credentialLifetime: number;
  /** Credentials kept. */
  readonly credentials: number;
  /** Failed logins of an account, and of an address, before the next attempts are slowed down. */
  readonly failuresPerAccount: number;
  readonly failuresPerAddress: number;
  /** The longest wait that is asked for between two attempts. */
  readonly longestDelay: number;
  /** Failures older than this are forgotten. */
  readonly failureMemory: number;
  /** Accounts and addresses that are remembered for their failures. */
  readonly remembered: number;
  /** Passwords that are verified at the same time, each 19 MiB; further attempts wait. */
  readonly parallelVerifications: number;
  /** Attempts that may wait; more are answered 503. */
  readonly waitingVerifications: number;
}

export interface HttpSettings {
  /** The address to listen on. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** PEM files; plain HTTP when absent, for use behind a proxy. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** Addresses and subnets (`10.0.0.0/8`, `::1`) of proxies whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  /** Whether each request is logged. */
  readonly logRequests: boolean;
  readonly limits: HttpLimits;
  readonly authentication: AuthenticationLimits;
}

export const defaultHttpLimits: HttpLimits = {
  bodySize: 40 * 1024 * 1024,
  urlLength: 8 * 1024,
  headerSize: 16 * 1024,
  headersTime: 20_000,
  requestTime: 600_000,
  idleTime: 60_000,
  keepAliveTime: 75_000,
  connections: 20_000,
  concurrentRequests: 500,
  retryAfterSeconds: 30,
  devicesPerUser: 100,
  documentDepth: 100,
  documentElements: 500_000,
};

export const defaultAuthenticationLimits: AuthenticationLimits = {
  credentialTime: 5 * 60_000,
  credentialLifetime: 12 * 3_600_000,
  credentials: 20_000,
  failuresPerAccount: 5,
  failuresPerAddress: 20,
  longestDelay: 60_000,
  failureMemory: 15 * 60_000,
  remembered: 10_000,
  parallelVerifications: 2,
  waitingVerifications: 100,
};

export const defaultHttpSettings: HttpSettings = {
  host: '127.0.0.1',
  port: 0,
  trustedProxies: [],
  logRequests: true,
  limits: defaultHttpLimits,
  authentication: defaultAuthenticationLimits,
};
