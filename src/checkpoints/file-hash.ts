/** Hashes of large files, in a thread of their own: a gigabyte takes about a second. */
import { Worker } from "node:worker_threads";

/** Plain JavaScript, so that it runs wherever this file does. Small pieces cost more than hashing. */
const program = `
const { createHash } = require("node:crypto");
const { createReadStream } = require("node:fs");
const { parentPort, workerData } = require("node:worker_threads");
const hash = createHash("sha256");
createReadStream(workerData, { highWaterMark: 4 * 1024 * 1024 })
  .on("data", (piece) => hash.update(piece))
  .on("end", () => parentPort.postMessage(hash.digest("hex")))
  .on("error", () => parentPort.postMessage(null));
`;

/** SHA-256 of a file in hexadecimal; null if it cannot be read. */
export function fileHash(path: string): Promise<string | null> {
  const worker = new Worker(program, { eval: true, workerData: path });
  return new Promise((resolve) => {
    worker.once("message", resolve);
    // a hash that nobody asks for must not end the program
    worker.once("error", () => resolve(null));
  });
}
