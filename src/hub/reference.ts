/** How users name what lies on the hub: `hf:owner/name[/path][@revision]`. */

import { ConfigError } from "../errors.ts";

export interface HubReference {
  readonly owner: string;
  readonly name: string;
  /** A file or folder inside the repository, with forward slashes; all of it if absent. */
  readonly path?: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const PREFIX = "hf:";
const DEFAULT_REVISION = "main";
const EXPECTED = "hf:owner/name, hf:owner/name/file or either with @revision";

/** Whether a model argument names something on the hub rather than a path. */
export function isHubReference(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** @throws ConfigError saying which part of the reference does not fit. */
export function parseHubReference(text: string): HubReference {
  const fail = (got: string): never => {
    throw new ConfigError({ where: JSON.stringify(text), expected: EXPECTED, got });
  };
  if (!isHubReference(text)) return fail("no hf: in front");
  const body = text.slice(PREFIX.length);
  const at = body.lastIndexOf("@");
  const revision = at < 0 ? DEFAULT_REVISION : body.slice(at + 1);
  const [owner = "", name = "", ...rest] = (at < 0 ? body : body.slice(0, at)).split("/");
  if (name === "") return fail("no owner and name");
  for (const part of [owner, name]) {
    if (!isName(part)) return fail(`${JSON.stringify(part)}, which no repository is called`);
  }
  if (!isRevision(revision)) return fail(`${JSON.stringify(revision)} as revision`);
  const path = rest.join("/").replace(/\/+$/, "");
  if (path !== "" && !isSafePath(path)) return fail(`${JSON.stringify(path)} as file`);
  return { owner, name, revision, ...(path === "" ? {} : { path }) };
}

export function formatHubReference({ owner, name, path, revision }: HubReference): string {
  const inside = path === undefined ? "" : `/${path}`;
  return `${PREFIX}${owner}/${name}${inside}${revision === DEFAULT_REVISION ? "" : `@${revision}`}`;
}

/** Whether it names one state of a repository for ever. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Whether a path stays inside the folder it is joined to, on every platform. */
export function isSafePath(path: string): boolean {
  if (/[\\:\p{Cc}]/u.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** "--" separates the two in the cache, so no name may hold it. */
function isName(part: string): boolean {
  return /^[A-Za-z0-9_](?:[\w.-]{0,94}\w)?$/.test(part) && !/--|\.\./.test(part);
}

function isRevision(revision: string): boolean {
  return /^\w[\w.+/-]*$/.test(revision) && isSafePath(revision);
}
