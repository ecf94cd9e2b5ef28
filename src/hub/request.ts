/** One request to the hub: redirects, silence, refusals, and a token that stays at home. */

import { CheckpointError } from "../errors.ts";
import { refusal, type Subject, Transient } from "./failures.ts";
import { type IdleGuard, idleGuard } from "./idle-guard.ts";
import { formatHubReference } from "./reference.ts";
import type { HubSettings } from "./settings.ts";

export interface Requester extends Omit<Subject, "hasToken"> {
  readonly settings: HubSettings;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  /** A line for people: why it waits. */
  note(line: string): void;
  /** Waits; rejects with the signal's reason. Tests give one that does not wait. */
  wait(ms: number): Promise<void>;
}

const MAX_REDIRECTS = 8;
export interface RequestOptions {
  readonly method: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses beside 200 that are no refusal. */
  readonly accept?: readonly number[];
  /** Whether an answer already says enough, so that its redirect is not followed. */
  readonly enough?: (headers: Headers) => boolean;
}

/** An answer whose body is not read yet, with the headers of the redirects that led to it. */
export interface Answer {
  readonly response: Response;
  /** The first value of a header on the way. */
  header(name: string): string | null;
  /** The pieces of the body. @throws Transient if it stalls or breaks off */
  body(): AsyncGenerator<Uint8Array>;
  /** Drops what is not read. */
  cancel(): void;
}

/** Sends one request. @throws Transient for what may pass, CheckpointError for what will not */
export async function request(
  requester: Requester,
  address: string,
  { method, headers = {}, accept = [], enough = () => false }: RequestOptions,
): Promise<Answer> {
  const { settings, token, signal } = requester;
  const home = new URL(settings.endpoint).origin;
  const guard = idleGuard(signal, settings.idleMs);
  const passed: Headers[] = [];
  let url = new URL(address);
  try {
    for (let hops = 0; ; hops++) {
      // wherever a redirect leads, the token goes to the endpoint only
      const authorization =
        token && url.origin === home ? { authorization: `Bearer ${token}` } : {};
      const response = await fetch(url, {
        method,
        // sizes and ranges count the bytes of the file, not of a compressed answer
        headers: {
          "user-agent": "ordo",
          "accept-encoding": "identity",
          ...headers,
          ...authorization,
        },
        redirect: "manual",
        signal: guard.signal,
      });
      guard.touch();
      passed.push(response.headers);
      const location = response.headers.get("location");
      const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
      if (isRedirect && !enough(response.headers)) {
        await response.body?.cancel();
        if (hops === MAX_REDIRECTS) throw loop(requester);
        url = redirected(requester, location, url);
        continue;
      }
      if (!response.ok && !isRedirect && !accept.includes(response.status)) {
        await response.body?.cancel();
        throw refusal(response, { ...requester, hasToken: token !== undefined });
      }
      return {
        response,
        header: (name) =>
          passed.map((one) => one.get(name)).find((value) => value !== null) ?? null,
        body: () => pieces(response, guard),
        cancel: () => guard.stop(true),
      };
    }
  } catch (error) {
    guard.stop(true);
    throw broken(error, guard);
  }
}

function redirected({ reference }: Requester, location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  const where = formatHubReference(reference);
  const got = `a redirect to ${JSON.stringify(location)}`;
  throw new CheckpointError({ where, expected: "an http or https address", got });
}

function loop({ reference, settings }: Requester): CheckpointError {
  const where = formatHubReference(reference);
  const got = `more than ${MAX_REDIRECTS} redirects`;
  const hint = `Check that ${settings.endpoint} is a hub`;
  return new CheckpointError({ where, expected: "a file", got, hint });
}

async function* pieces(response: Response, guard: IdleGuard): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response.body ?? []) {
      guard.pause();
      yield piece;
      guard.touch();
    }
  } catch (error) {
    throw broken(error, guard);
  } finally {
    guard.stop(true);
  }
}

/** What a failed fetch means: the user's wish, silence, or a connection that broke. */
function broken(error: unknown, { outer, stalledMs }: IdleGuard): unknown {
  if (outer.aborted) return outer.reason;
  const idleMs = stalledMs();
  if (idleMs !== undefined) {
    return new Transient(`silence for ${idleMs / 1000} s`, undefined, error);
  }
  // fetch says only "fetch failed" or "terminated"; anything else is ours
  if (!(error instanceof TypeError)) return error;
  return new Transient(networkReason(error), undefined, error);
}

const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: "an unknown host name (no network?)",
  EAI_AGAIN: "a host name that cannot be looked up (no network?)",
  ECONNREFUSED: "a refused connection",
  ECONNRESET: "a cut connection",
  UND_ERR_SOCKET: "a cut connection",
  ENETUNREACH: "an unreachable network",
  EHOSTUNREACH: "an unreachable host",
  ETIMEDOUT: "a connection that timed out",
  UND_ERR_CONNECT_TIMEOUT: "a connection that timed out",
};

function networkReason(error: TypeError): string {
  const cause: unknown = error.cause;
  const { code, message } = (cause ?? {}) as { readonly code?: string; readonly message?: string };
  return NETWORK_WORDS[code ?? ""] ?? code ?? message ?? error.message;
}
