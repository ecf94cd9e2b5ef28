/** What a repository holds, and by which hash each of its files is known. */

import { CheckpointError } from "../errors.ts";
import { type ContentHash, contentHashOf } from "./content-hash.ts";
import { formatHubReference, isCommit, isSafePath } from "./reference.ts";
import { type Requester, request } from "./request.ts";
import { withRetries } from "./retries.ts";

export interface Listing {
  readonly commit: string;
  readonly paths: readonly string[];
}

export interface HubFile {
  readonly path: string;
  /** Where its bytes are fetched from; it names the commit, so the contents never change. */
  readonly address: string;
  readonly size: number;
  readonly hash: ContentHash;
}

const LARGEST_LISTING_BYTES = 64_000_000;

/** The files of a repository at one commit. @throws CheckpointError */
export async function listFiles(requester: Requester): Promise<Listing> {
  const { settings, reference } = requester;
  const { owner, name, revision } = reference;
  const at = encodeURIComponent(revision);
  const address = `${settings.endpoint}/api/models/${owner}/${name}/revision/${at}`;
  // an answer for the repository, not for the file that the user named in it
  const { path: _, ...repository } = reference;
  const asking = { ...requester, reference: repository };
  const text = await withRetries(asking, async () => {
    const { body } = await request(asking, address, { method: "GET" });
    return readText(body(), () => strange(requester, "more than 64 MB"));
  });
  return parseListing(requester, text);
}

async function readText(body: AsyncGenerator<Uint8Array>, tooLong: () => Error): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > LARGEST_LISTING_BYTES) throw tooLong();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** Nothing of it is trusted: the names become paths on this disk. */
function parseListing(requester: Requester, text: string): Listing {
  let listing: unknown;
  try {
    listing = JSON.parse(text);
  } catch (error) {
    throw strange(requester, "an answer that is no JSON", error);
  }
  const { sha, siblings } = (listing ?? {}) as { sha?: unknown; siblings?: unknown };
  if (typeof sha !== "string" || !isCommit(sha)) throw strange(requester, "no commit");
  if (!Array.isArray(siblings)) throw strange(requester, "no files");
  const paths = siblings.map((sibling: unknown) => {
    const path = (sibling as { rfilename?: unknown } | null)?.rfilename;
    if (typeof path === "string" && isSafePath(path)) return path;
    throw strange(requester, `a file called ${JSON.stringify(path)}`);
  });
  return { commit: sha, paths: [...new Set(paths)].sort() };
}

/** Size and hash of one file, without its contents. @throws CheckpointError */
export async function describeFile(
  requester: Requester,
  commit: string,
  path: string,
): Promise<HubFile> {
  const { settings, reference } = requester;
  const { owner, name } = reference;
  const inside = path.split("/").map(encodeURIComponent).join("/");
  const address = `${settings.endpoint}/${owner}/${name}/resolve/${commit}/${inside}`;
  const asking = { ...requester, reference: { ...reference, path } };
  return withRetries(asking, async () => {
    const answer = await request(asking, address, {
      method: "HEAD",
      // large files are a redirect to a store that knows other tags
      enough: (headers) => headers.has("x-linked-etag") && headers.has("x-linked-size"),
    });
    answer.cancel();
    const last = answer.response.headers;
    const hash = contentHashOf(answer.header("x-linked-etag") ?? last.get("etag"));
    const length = answer.header("x-linked-size") ?? last.get("content-length");
    const size = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
    if (hash === undefined) throw strange(asking, "no hash of the file (ETag)");
    if (size === undefined) throw strange(asking, "no size of the file");
    return { path, address, size, hash };
  });
}

function strange(
  { settings, reference }: Requester,
  got: string,
  cause?: unknown,
): CheckpointError {
  const where = formatHubReference(reference);
  const expected = `an answer of a hub from ${settings.endpoint}`;
  const hint = "HF_ENDPOINT says which hub is asked";
  return new CheckpointError({ where, expected, got, hint }, { cause });
}
