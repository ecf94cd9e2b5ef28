/** A headless Chromium, and pages that ask a local server for the bundle and for models. */
import { existsSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { type ServeOptions, serve } from "../../examples/browser/serve.ts";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Where tests are to be complete, a missing browser is a failure. */
export const hasChromium: boolean = existsSync(executablePath) || process.env.CI !== undefined;

if (!hasChromium) {
  console.warn(`Browser tests are skipped: no ${executablePath} (Debian: chromium).`);
}

/** WebGPU comes from SwiftShader, which needs no GPU. */
const args = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--use-webgpu-adapter=swiftshader",
];

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}

export interface Site {
  readonly address: string;
  /** Bytes of what was asked for, by path. */
  readonly served: ReadonlyMap<string, number>;
  /** An empty page of the site unless a path is given; what it complains of ends the test. */
  open(browser: Browser, path?: string): Promise<Page>;
  close(): Promise<void>;
}

export async function openSite(options: Omit<ServeOptions, "onFile">): Promise<Site> {
  const served = new Map<string, number>();
  const server = serve({ ...options, onFile: (path, bytes) => served.set(path, bytes) });
  await new Promise<void>((ready) => server.listen(0, "localhost", ready));
  const address = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    address,
    served,
    open: async (browser, path = "/blank.html") => {
      const page = await browser.newPage();
      await page.goto(`${address}${path}`);
      return page;
    },
    close: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
