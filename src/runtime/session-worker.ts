/** The thread behind `startSession`: prepares one session, then runs it whenever it is given values. */
import { parentPort, workerData } from "node:worker_threads";
import { loadEngine } from "./engine.ts";
import { keptSession } from "./kept-graphs.ts";
import type { Values } from "./session.ts";
import type { SessionTask, ThreadReply, ThreadRequest, ThreadValue } from "./session-thread.ts";

const port = parentPort!;
const { model, options, results, kept } = workerData as SessionTask;

async function serve(): Promise<void> {
  const engine = await loadEngine();
  const session = kept
    ? await keptSession(engine, { ...kept, model, options })
    : await engine.InferenceSession.create(model, options);
  const make = ({ dtype, data, dims }: ThreadValue) =>
    new engine.Tensor(dtype as "float32", data as Float32Array, dims);
  reply({ results: {} });
  port.on("message", (request: ThreadRequest) => {
    answer(request).catch((error: unknown) => reply({ failure: textOf(error) }));
  });

  async function answer({ feeds }: ThreadRequest): Promise<void> {
    if (feeds === null) {
      await session.release();
      port.close();
      return;
    }
    const values = Object.entries(feeds).map(([name, value]) => [name, make(value)]);
    const fetched = (await session.run(Object.fromEntries(values), results)) as Values;
    const found = results.map((name) => {
      const { type, data, dims } = fetched[name]!;
      return [name, { dtype: type, data, dims } as ThreadValue] as const;
    });
    const buffers = found.map(([, { data }]) => data.buffer as ArrayBuffer);
    reply({ results: Object.fromEntries(found) }, buffers);
  }
}

function reply(message: ThreadReply, moved: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, moved);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

serve().catch((error: unknown) => {
  reply({ failure: textOf(error) });
  port.close();
});
