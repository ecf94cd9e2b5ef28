// As in data/loader-worker.dev.mjs: threads do not inherit the loader of sources.
import { register } from "tsx/esm/api";

register();
await import("./session-worker.ts");
