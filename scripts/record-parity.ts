/** Runs all reference cases on the CPU and writes their records to results/. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { casesFolder, resultsFolder } from "../src/catalogue/evidence.ts";
import { parityRecord } from "../src/catalogue/parity-record.ts";
import { caseFingerprint, writeResult } from "../src/catalogue/results.ts";
import { runParity } from "../src/parity/index.ts";
import { openDevice } from "../src/runtime/device.ts";
import { ordoVersion } from "../src/version.ts";

const version = await ordoVersion();
const device = await openDevice("cpu");
try {
  for (const name of readdirSync(casesFolder).sort()) {
    const folder = join(casesFolder, name);
    const report = await runParity(device, folder);
    const fingerprint = await caseFingerprint(folder);
    const record = parityRecord(report, { fingerprint, ordo: version, device: device.name });
    console.log(
      `${await writeResult(resultsFolder, record)}: ${report.passed ? "equal" : "different"}`,
    );
  }
} finally {
  await device.close();
}
