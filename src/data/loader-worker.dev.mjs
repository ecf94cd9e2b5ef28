// In tests and development the sources run through tsx, which a thread does not inherit: with
// `--import tsx` nothing is registered there (seen with tsx 4.23 on Node 20.20). Not in the build.
import { register } from "tsx/esm/api";

register();
await import("./loader-worker.ts");
