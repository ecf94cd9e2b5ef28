// In tests and development the sources run through tsx, which a child process does not inherit
// from vitest. Not in the build.
import { register } from "tsx/esm/api";

register();
await import("./device-probe.ts");
