/** Where the hub, its cache and the token are, by the conventions that all of its tools share. */

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = "https://huggingface.co";
const DEFAULT_IDLE_SECONDS = 30;

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** The folder that holds `models--owner--name`; absolute. */
  readonly cache: string;
  readonly tokenPath: string;
  /** From the environment; the file at `tokenPath` is read when it is needed. */
  readonly token?: string;
  readonly offline: boolean;
  /** How long a server may stay silent. */
  readonly idleMs: number;
}

/**
 * Reads `HF_HOME`, `HF_HUB_CACHE`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_ENDPOINT`, `HF_HUB_OFFLINE` and
 * `HF_HUB_DOWNLOAD_TIMEOUT` (seconds); a variable that is empty counts as absent.
 *
 * @throws ConfigError naming the variable that does not fit.
 */
export function hubSettings(env: Environment = process.env): HubSettings {
  const set = (name: string): string | undefined => env[name]?.trim() || undefined;
  const user = set("HOME") ?? homedir();
  const folder = (path: string): string => resolve(path.replace(/^~(?=$|[\\/])/, user));
  const caches = set("XDG_CACHE_HOME") ?? join(user, ".cache");
  const home = folder(set("HF_HOME") ?? join(caches, "huggingface"));
  const token = set("HF_TOKEN") ?? set("HUGGING_FACE_HUB_TOKEN");
  return {
    endpoint: endpointOf(set("HF_ENDPOINT")),
    cache: folder(set("HF_HUB_CACHE") ?? set("HUGGINGFACE_HUB_CACHE") ?? join(home, "hub")),
    tokenPath: folder(set("HF_TOKEN_PATH") ?? join(home, "token")),
    ...(token === undefined ? {} : { token: oneLineToken("HF_TOKEN", token) }),
    offline: isOn(set("HF_HUB_OFFLINE") ?? set("TRANSFORMERS_OFFLINE")),
    idleMs: 1000 * secondsOf(set("HF_HUB_DOWNLOAD_TIMEOUT")),
  };
}

/** The token to send to the endpoint, and to nobody else. @throws ConfigError */
export async function readToken({ token, tokenPath }: HubSettings): Promise<string | undefined> {
  if (token !== undefined) return token;
  const stored = await readFile(tokenPath, "utf8").catch(() => "");
  return stored.trim() === "" ? undefined : oneLineToken(tokenPath, stored.trim());
}

/** A line break inside would end the header that carries it. The token itself is never shown. */
function oneLineToken(where: string, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const got = "blanks or other characters that a token never has";
  throw new ConfigError({ where, expected: "an access token", got });
}

function endpointOf(text: string | undefined): string {
  if (text === undefined) return DEFAULT_ENDPOINT;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, "");
  const got = JSON.stringify(text);
  throw new ConfigError({ where: "HF_ENDPOINT", expected: "an http or https address", got });
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_IDLE_SECONDS;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  const where = "HF_HUB_DOWNLOAD_TIMEOUT";
  throw new ConfigError({ where, expected: "seconds above 0", got: JSON.stringify(text) });
}

function isOn(text: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(text ?? "");
}
