#!/usr/bin/env node
import { endWithLauncher, needsRelaunch, relaunch } from "./launcher.ts";

const argv = process.argv.slice(2);

if (needsRelaunch({ platform: process.platform, env: process.env, argv })) {
  process.exitCode = await relaunch();
} else {
  endWithLauncher();
  // `ordo systems | head` closes the pipe: nobody reads on, so there is nothing left to say
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  const { main } = await import("./main.ts");
  process.exitCode = await main({
    argv,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    stdin: () => process.stdin,
    signals: process,
    exit: (code) => process.exit(code),
  });
}
