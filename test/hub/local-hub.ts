/**
 * A hub on this machine, for tests: the listing, `resolve`, and a store on another port that large
 * files redirect to, as the real one has. Tests put misbehaviour in front of single answers.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const COMMIT: string = "c0ffee00".repeat(5);

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** Whether the store was asked. */
  readonly store: boolean;
}

/** Answers in place of the hub, or returns false to leave it to the hub. */
export type Trick = (request: IncomingMessage, response: ServerResponse) => boolean | undefined;

export interface LocalHub {
  readonly endpoint: string;
  readonly seen: Seen[];
  readonly files: Map<string, Buffer>;
  /** ETags of the store by path; a test may change them midway. */
  readonly storeTags: Map<string, string>;
  /** Asked before every answer; the first that does not return false answers. */
  readonly tricks: Trick[];
  close(): Promise<void>;
}

/** Serves `files` as owner/name; paths that end in .safetensors are large files. */
export async function startLocalHub(files: Readonly<Record<string, Buffer>>): Promise<LocalHub> {
  const seen: Seen[] = [];
  const tricks: Trick[] = [];
  const contents = new Map(Object.entries(files));
  const storeTags = new Map(Object.keys(files).map((path) => [path, `"store-${path}"`]));
  const listen = async (
    store: boolean,
    answer: (q: IncomingMessage, r: ServerResponse) => void,
  ) => {
    const server = createServer((request, response) => {
      const { method = "", url = "", headers } = request;
      seen.push({
        method,
        path: decodeURIComponent(url),
        authorization: headers.authorization,
        range: headers.range,
        ifRange: headers["if-range"] as string | undefined,
        store,
      });
      if (!tricks.some((trick) => trick(request, response) !== false)) answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  };
  const store = await listen(true, (request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    sendFile(request, response, contents.get(path), { etag: storeTags.get(path) ?? '""' });
  });
  const hub = await listen(false, (request, response) => {
    const url = decodeURIComponent(request.url ?? "");
    if (/^\/api\/models\/owner\/name\/revision\/(main|v1|refs\/pr\/1|[0-9a-f]{40})$/.test(url)) {
      const siblings = [...contents.keys()].map((rfilename) => ({ rfilename }));
      response.setHeader("content-type", "application/json");
      return void response.end(JSON.stringify({ sha: COMMIT, siblings }));
    }
    if (url.startsWith("/api/models/owner/name/")) return refuse(response, 404, "RevisionNotFound");
    if (url.startsWith("/api/models/")) return refuse(response, 401, "RepoNotFound");
    const path = url.replace(/^\/(?:api\/cached|owner\/name\/resolve)\/[0-9a-f]{40}\//, "");
    const bytes = contents.get(path);
    if (path === url || bytes === undefined) return refuse(response, 404, "EntryNotFound");
    const etag = `"${hashOf(path, bytes)}"`;
    if (url.startsWith("/api/cached/")) return sendFile(request, response, bytes, { etag });
    response.setHeader("x-repo-commit", COMMIT);
    if (isLarge(path)) {
      response.setHeader("x-linked-etag", etag);
      response.setHeader("x-linked-size", bytes.length);
      response.writeHead(302, { location: `${addressOf(store)}/${encodeURIComponent(path)}` });
    } else {
      response.writeHead(307, { location: `/api/cached/${COMMIT}/${encodeURIComponent(path)}` });
    }
    response.end();
  });
  const end = (server: Server): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return {
    endpoint: addressOf(hub),
    seen,
    files: contents,
    storeTags,
    tricks,
    close: async () => {
      await Promise.all([end(hub), end(store)]);
    },
  };
}

/** What the hub calls contents by. */
export function hashOf(path: string, bytes: Buffer): string {
  if (isLarge(path)) return createHash("sha256").update(bytes).digest("hex");
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

export function refuse(response: ServerResponse, status: number, code?: string): void {
  if (code) response.setHeader("x-error-code", code);
  response.writeHead(status).end();
}

/** A trick for the first `times` downloads of contents (not HEAD, not redirects). */
export function onDownload(
  times: number,
  act: (response: ServerResponse, request: IncomingMessage) => void,
): Trick {
  let left = times;
  return (request, response) => {
    const { method, url = "" } = request;
    const isContent = !url.startsWith("/owner/") && !url.startsWith("/api/models/");
    if (method !== "GET" || !isContent || left === 0) return false;
    left--;
    act(response, request);
    return true;
  };
}

function isLarge(path: string): boolean {
  return path.endsWith(".safetensors");
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer | undefined,
  { etag }: { readonly etag: string },
): void {
  if (bytes === undefined) {
    refuse(response, 404);
    return;
  }
  response.setHeader("etag", etag);
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const ifRange = request.headers["if-range"];
  const from = asked && (ifRange === undefined || ifRange === etag) ? Number(asked[1]) : 0;
  if (from >= bytes.length && from > 0) {
    refuse(response, 416);
    return;
  }
  const rest = bytes.subarray(from);
  response.setHeader("content-length", rest.length);
  if (from > 0) {
    response.setHeader("content-range", `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
    response.writeHead(206);
  }
  response.end(request.method === "HEAD" ? undefined : rest);
}
