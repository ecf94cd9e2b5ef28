/** What the hub's refusals mean, in one line with the remedy. */

import { CheckpointError } from "../errors.ts";
import { formatHubReference, type HubReference } from "./reference.ts";
import type { HubSettings } from "./settings.ts";

/** A failure that may pass: the same request is worth repeating. */
export class Transient extends Error {
  /** Undefined where the server did not say how long to wait. */
  readonly waitMs: number | undefined;

  constructor(reason: string, waitMs?: number, cause?: unknown) {
    super(reason, { cause });
    this.waitMs = waitMs;
  }
}

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whom the request was for. */
export interface Subject {
  readonly reference: HubReference;
  readonly settings: Pick<HubSettings, "endpoint">;
  /** Whether a token went with it. */
  readonly hasToken: boolean;
}

/**
 * The error for an answer that is not the wanted one.
 *
 * @param now milliseconds since 1970, to read dates in Retry-After.
 */
export function refusal(
  response: Pick<Response, "status" | "headers">,
  subject: Subject,
  now: number = Date.now(),
): Error {
  const { status, headers } = response;
  if (PASSING.has(status)) {
    const reason = status === 429 ? "too many requests (HTTP 429)" : `HTTP ${status}`;
    return new Transient(reason, retryAfter(headers.get("retry-after"), now));
  }
  const { reference, settings } = subject;
  const { owner, name, revision, path } = reference;
  const where = formatHubReference(reference);
  const page = `${settings.endpoint}/${owner}/${name}`;
  const fail = (expected: string, got: string, hint: string): CheckpointError =>
    new CheckpointError({ where, expected, got, hint });
  const code = headers.get("x-error-code");
  if (code === "GatedRepo" || (status === 403 && code !== "RepoNotFound")) {
    const hint = `Accept the conditions at ${page} and set HF_TOKEN to a token of that account`;
    return fail("a repository that is open to you", `HTTP ${status}: access is restricted`, hint);
  }
  if (code === "RevisionNotFound") {
    return fail("a branch, tag or commit", `no revision ${revision}`, `See ${page}/tree/main`);
  }
  if (code === "EntryNotFound" || (status === 404 && code === null && path !== undefined)) {
    const hint = `ordo pull hf:${owner}/${name}${revision === "main" ? "" : `@${revision}`} --dry-run`;
    return fail("a file of the repository", `no ${path ?? "such file"} in it`, hint);
  }
  if (status === 401 || status === 404) {
    const hint = subject.hasToken
      ? "Check the spelling, and that HF_TOKEN belongs to an account that may read it"
      : "Check the spelling; if it is private, set HF_TOKEN";
    return fail(
      "a public repository, or one your token may read",
      `HTTP ${status}: none of that name`,
      hint,
    );
  }
  return fail(`an answer from ${settings.endpoint}`, `HTTP ${status}`, `See ${page}`);
}

/** Seconds or a date, as milliseconds from now; undefined if it is absent or unreadable. */
export function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? 1000 * Number(value) : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
