/** Files over HTTP, whole, with their progress. */
import { CheckpointError } from "../errors.ts";

export interface DownloadProgress {
  /** Address of the file. */
  readonly file: string;
  /** Bytes. */
  readonly loaded: number;
  /** Bytes, if the server has told. */
  readonly total?: number;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** What the memory of a page takes; larger answers are refused before they fill it. */
const LARGEST_BYTES = 2 ** 31;

/**
 * The bytes at an address; null where the server knows no such file.
 *
 * @throws CheckpointError if there is no answer, another one, or too many bytes.
 */
export async function findBytes(
  url: URL,
  { signal, onProgress }: DownloadOptions = {},
): Promise<ArrayBuffer | null> {
  const where = url.href;
  const response = await fetch(url, signal ? { signal } : {}).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const hint = "Is the server there, and does it let this page read from it (CORS)?";
    const got = `no answer (${cause instanceof Error ? cause.message : cause})`;
    throw new CheckpointError({ where, expected: "a file", got, hint }, { cause });
  });
  if (response.status === 404) return null;
  if (!response.ok || !response.body) {
    throw new CheckpointError({ where, expected: "a file", got: `HTTP ${response.status}` });
  }
  const told = sizeOf(response);
  if (told !== undefined && told > LARGEST_BYTES) throw tooLarge(where, told);
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value as Uint8Array);
    loaded += (value as Uint8Array).length;
    if (loaded > LARGEST_BYTES) throw tooLarge(where, loaded);
    onProgress?.({ file: where, loaded, ...(told !== undefined && { total: told }) });
  }
  return joined(chunks, loaded);
}

/** @throws CheckpointError if there is no such file either. */
export async function fetchBytes(url: URL, options: DownloadOptions = {}): Promise<ArrayBuffer> {
  const bytes = await findBytes(url, options);
  if (bytes) return bytes;
  const hint = "A model is a folder with config.json and model.safetensors";
  throw new CheckpointError({ where: url.href, expected: "a file", got: "no such file", hint });
}

/** Of the file itself: a compressed answer tells the size of what it was compressed to. */
function sizeOf({ headers }: Response): number | undefined {
  const told = headers.get("content-length");
  return told === null || headers.has("content-encoding") ? undefined : Number(told);
}

function tooLarge(where: string, bytes: number): CheckpointError {
  const got = `${(bytes / 1e9).toFixed(1)} GB`;
  return new CheckpointError({ where, expected: "at most 2 GB in a browser", got });
}

function joined(chunks: readonly Uint8Array[], length: number): ArrayBuffer {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all.buffer;
}
